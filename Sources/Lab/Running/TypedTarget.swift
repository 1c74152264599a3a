import Datagrams
import JSON
import Plans

/// Whom a person at a terminal sends to. Single datagrams to an address that somebody typed need
/// no further consent; an address that is nobody's, or everybody's, is refused as in a plan.
package enum TypedTarget {
    /// - Throws: When the text is no `HOST:PORT`.
    package static func check(_ text: String) throws(StartError) { _ = try read(text) }

    /// - Throws: When the text is no `HOST:PORT`, the name does not resolve, or the address is a
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
