import Glibc

extension UnsafeRawBufferPointer {
    /// The number of bytes before the first line feed; nil without one (memchr(3)).
    package var bytesBeforeLineFeed: Int? {
        guard let start = baseAddress,
            let found = memchr(start, Int32(UInt8(ascii: "\n")), count)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
