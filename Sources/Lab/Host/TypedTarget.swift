import Datagrams
import JSON
import Plans

/// A target typed at a terminal. Single datagrams to a typed address need no further consent;
/// unspecified, multicast and broadcast addresses are refused as in a plan.
package enum TypedTarget {
    /// Checks a target.
    /// - Throws: If the text is not `HOST:PORT`.
    package static func check(_ text: String) throws(StartError) { _ = try read(text) }

    /// Resolves a target.
    /// - Throws: If the text is not `HOST:PORT`, the name does not resolve, or the address is a
    ///   multicast, broadcast or unspecified one.
    package static func resolve(_ text: String) throws(StartError) -> SocketAddress {
        try RunTarget.reachable(read(text))
    }

    private static func read(_ text: String) throws(StartError) -> TargetAddress {
        do throws(JSONComplaint) {
            return try TargetAddress(typed: text)
        } catch {
            throw StartError(error.message)
        }
    }
}
