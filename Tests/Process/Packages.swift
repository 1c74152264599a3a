import Glibc
import Harness
import Testing

/// The packages that `./lab package` has made of the program under test.
enum Packages {
    /// The folder that `UDPLAB_PACKAGES` names.
    static let folder = getenv("UDPLAB_PACKAGES").map { String(cString: $0) }

    static let absence: Comment = "UDPLAB_PACKAGES names no folder of packages (./lab package)"

    /// Returns the path of the package with this ending.
    static func path(ending: String) throws -> String {
        let folder = folder ?? ""
        let names = TemporaryDirectory.names(in: folder).filter { $0.hasSuffix(ending) }
        guard names.count == 1 else {
            throw HarnessError("\(folder) has \(names.count) files that end in \(ending)")
        }
        return "\(folder)/\(names[0])"
    }

    /// Returns a folder with the content of the archive, without the folder that it is in.
    static func unpackedArchive() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            ["-xJf", path(ending: ".tar.xz"), "--strip-components=1"], program: "tar",
            in: directory)
        guard ended.code == 0 else { throw HarnessError(ended.all) }
        return directory
    }

    /// Returns a folder with the content of the Debian package.
    static func unpackedDebianPackage() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            ["-x", path(ending: ".deb"), "."], program: "dpkg-deb", in: directory)
        guard ended.code == 0 else { throw HarnessError(ended.all) }
        return directory
    }
}
