/// The file calls that writing a report takes, one method per call, so that a test can fail each
/// of them and can cut the power between any two.
///
/// A directory and a file are descriptors; names are relative to their directory, so that a report
/// lands where it was prepared even if somebody renames the directory during the run.
package protocol FileLayer: Sendable {
    func openDirectory(_ path: String) throws(FileErrno) -> Int32
    func makeDirectory(_ path: String) throws(FileErrno)
    func names(in directory: Int32) throws(FileErrno) -> [String]
    /// What `name` is; a symbolic link is not followed.
    func kind(of name: String, in directory: Int32) throws(FileErrno) -> FileKind
    /// A new empty file, open for writing; EEXIST if there is anything of that name.
    func create(_ name: String, in directory: Int32) throws(FileErrno) -> Int32
    /// An existing file, open for writing.
    func open(_ name: String, in directory: Int32) throws(FileErrno) -> Int32
    /// An exclusive advisory lock that ends with the descriptor, also when the process is killed.
    func lock(_ file: Int32) -> FileLock
    /// Whether the file still has a name, that is, whether nobody has removed it.
    func isLinked(_ file: Int32) throws(FileErrno) -> Bool
    /// Writes a first part of `bytes` and returns its length, as write(2).
    func write(_ bytes: RawSpan, to file: Int32) throws(FileErrno) -> Int
    /// Returns when the file's data, or the directory's entries, are on the disk.
    func sync(_ descriptor: Int32) throws(FileErrno)
    func close(_ descriptor: Int32) throws(FileErrno)
    /// Renames in one step; EEXIST if `replacing` is false and there is anything called `new`.
    func rename(
        _ old: String, to new: String, in directory: Int32, replacing: Bool
    ) throws(FileErrno)
    func remove(_ name: String, in directory: Int32) throws(FileErrno)
}

package enum FileKind: Sendable {
    case absent, regular, directory, other
}

package enum FileLock: Sendable {
    /// The lock is this descriptor's.
    case acquired
    /// Somebody else who is alive has it.
    case busy
    /// This file system has no locks: nothing can be said.
    case unsupported
}
