import Glibc

/// A temporary directory for plans and reports, removed with all its files.
final class Workspace {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        // mkdtemp(3) replaces six of this letter.
        let placeholder = String(repeating: "X", count: 6)
        var template = Array("\(parent)/udplab-bench-\(placeholder)".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw BenchError("cannot make a directory in \(parent)")
        }
        path = String(cString: made)
    }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink("\(path)/\(name)")
            }
            closedir(directory)
        }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, and replaces an existing one.
    func write(_ text: String, to name: String) throws {
        unlink(file(name))
        try OutputFile.write(text, to: file(name))
    }
}
