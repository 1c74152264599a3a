import Glibc
import Testing

/// A file that is gone with its test.
final class TemporaryFile {
    let path: String

    init(contents: String = "") throws {
        var template = Array("/tmp/udplab-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let octets = Array(contents.utf8)
        try #require(write(descriptor, octets, octets.count) == octets.count)
        close(descriptor)
    }

    deinit { unlink(path) }

    func contents() -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        lseek(descriptor, 0, SEEK_SET)
        var octets = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let got = octets.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + done }, size - done)
            }
            guard got > 0 else { break }
            done += got
        }
        return Array(octets[..<done])
    }
}
