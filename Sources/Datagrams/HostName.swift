import Glibc

/// The name that this host has for itself.
package enum HostName {
    /// The name (gethostname(2)); nil if it cannot be had.
    package static var own: String? {
        // HOST_NAME_MAX, and the NUL that a name of that length does not have.
        var bytes = [CChar](repeating: 0, count: 65)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return nil }
        return String(
            decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
