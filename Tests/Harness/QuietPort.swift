import Glibc

/// Ports that the kernel gives to nobody who asks for any (`ip_local_port_range`, ip(7), from 32768
/// on): one that a test has let go of stays nobody's, whatever else runs beside it.
enum QuietPort {
    private static let range: Range<UInt16> = 10_240..<32_768
    private static let attempts = 100

    /// Calls `bind` with one port after the other until it succeeds.
    /// - Parameters:
    ///   - wanted: The only port to try, unless it is 0.
    ///   - bind: Returns whether the port was free.
    /// - Returns: The port; nil if none was free.
    static func bind(_ wanted: UInt16, _ bind: (UInt16) -> Bool) -> UInt16? {
        guard wanted == 0 else { return bind(wanted) ? wanted : nil }
        for _ in 0..<attempts {
            let port = UInt16.random(in: range)
            if bind(port) { return port }
        }
        return nil
    }
}
