/// The file calls for writing a report, one method per call, so that a test can fail each of them
/// and can simulate a power cut between any two.
///
/// A directory and a file are descriptors; names are relative to their directory, so that a report
/// is written where it was prepared even if the directory is renamed during the run.
package protocol FileLayer: Sendable {
    func openDirectory(_ path: String) throws(FileErrno) -> Int32
    func makeDirectory(_ path: String) throws(FileErrno)
    func names(in directory: Int32) throws(FileErrno) -> [String]
    /// Returns the kind of `name`; a symbolic link is not followed.
    func kind(of name: String, in directory: Int32) throws(FileErrno) -> FileKind
    /// Creates an empty file, open for writing; EEXIST if the name exists.
    func create(_ name: String, in directory: Int32) throws(FileErrno) -> Int32
    /// Opens an existing file for writing.
    func open(_ name: String, in directory: Int32) throws(FileErrno) -> Int32
    /// Removes the content of a file that is open for writing.
    func truncate(_ file: Int32) throws(FileErrno)
    /// Takes an exclusive advisory lock that ends with the descriptor, even if the process is
    /// killed.
    func lock(_ file: Int32) -> FileLock
    /// Whether the file still has a name, that is, has not been removed.
    func isLinked(_ file: Int32) throws(FileErrno) -> Bool
    /// Writes a first part of `bytes` and returns its length, like write(2).
    func write(_ bytes: RawSpan, to file: Int32) throws(FileErrno) -> Int
    /// Returns when the file's data, or the directory's entries, are on the disk.
    func sync(_ descriptor: Int32) throws(FileErrno)
    func close(_ descriptor: Int32) throws(FileErrno)
    /// Renames in one step; EEXIST if `replacing` is false and `new` exists.
    func rename(
        _ old: String, to new: String, in directory: Int32, replacing: Bool
    ) throws(FileErrno)
    func remove(_ name: String, in directory: Int32) throws(FileErrno)
}

package enum FileKind: Sendable {
    case absent, regular, directory, other
}

package enum FileLock: Sendable {
    /// This descriptor holds the lock.
    case acquired
    /// Another process holds the lock.
    case busy
    /// The file system has no locks, so the state is unknown.
    case unsupported
}
