import Glibc

package enum Executable {
    /// A copy of the program under test where everybody may start it: the path to the original
    /// may lead through somebody's private folder.
    package static func forEverybody(in directory: TemporaryDirectory) throws -> String {
        let path = directory.file("udplab")
        try directory.write("udplab", TemporaryDirectory.read(Program.path))
        chmod(path, 0o755)
        return path
    }
}
