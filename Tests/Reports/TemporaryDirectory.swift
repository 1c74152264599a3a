import Glibc

@testable import Reports

/// A directory of the test's own, removed with everything in it.
enum TemporaryDirectory {
    static func with(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/udplab-reports-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template).map({ String(cString: $0) }) else {
            throw FileErrno(errno)
        }
        defer {
            for name in (try? names(path)) ?? [] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path)
    }

    static func names(_ path: String) throws -> [String] {
        let layer = SystemFileLayer()
        let directory = try layer.openDirectory(path)
        defer { layer.closeQuietly(directory) }
        return try layer.names(in: directory).filter { $0 != "." && $0 != ".." }.sorted()
    }

    static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "wx") else { throw FileErrno(errno) }
        fputs(text, file)
        fclose(file)
    }

    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw FileErrno(errno) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
