import Glibc

/// The location of a file: the file itself, whatever its name, and the entry of its directory. Two
/// paths with either in common are one file, or would become one.
struct FilePlace {
    private struct Identity: Equatable {
        let device: UInt
        let number: UInt

        /// Makes the location of a path; nil if nothing has that name. Symbolic links are followed.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt(status.st_dev)
            number = UInt(status.st_ino)
        }
    }

    private let file: Identity?
    private let directory: Identity?
    private let name: String

    init(_ path: String) {
        file = Identity(path)
        let destination = ReportDestination(file: path)
        directory = Identity(destination.directoryPath)
        name = destination.name
    }

    func meets(_ other: FilePlace) -> Bool {
        if let file, file == other.file { return true }
        guard let directory, let otherDirectory = other.directory else { return false }
        return directory == otherDirectory && name == other.name
    }
}

/// The paths that a verb reads and writes: no output may be an input, or another output.
package struct NamedPaths {
    private struct Entry {
        let noun: String
        let place: FilePlace
    }

    private var entries: [Entry] = []

    package init() {}

    /// Adds an input.
    /// - Parameter noun: The file's name with its article: "the plan".
    package mutating func read(_ path: String, _ noun: String) {
        entries.append(Entry(noun: noun, place: FilePlace(path)))
    }

    /// Adds an output.
    /// - Throws: `conflict` if the path is that of a file named before.
    package mutating func write(_ path: String, _ kind: OutputKind) throws(ReportFileError) {
        let place = FilePlace(path)
        if let other = entries.first(where: { $0.place.meets(place) }) {
            throw ReportFileError(.conflict(with: other.noun), path, kind: kind)
        }
        entries.append(Entry(noun: kind.noun, place: place))
    }
}
