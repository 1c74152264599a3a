import Glibc
import Synchronization

@testable import Reports

/// A disk in memory with one directory, which tells what it has from what it was asked for: data
/// is on the disk after a sync of its file, a name after a sync of the directory, and without one
/// maybe, maybe not. Any call can be made to fail, and the power can be cut before any of them.
final class SimulatedDisk: FileLayer {
    enum Call: String, CaseIterable {
        case openDirectory, makeDirectory, names, kind, create, open, lock, isLinked, write, sync
        case truncate
        case syncDirectory, close, rename, remove
    }

    enum Entry {
        case added(String, inode: Int)
        case renamed(String, to: String)
        case removed(String)
    }

    struct File {
        var data: [UInt8] = []
        var onDisk: [UInt8] = []
        var lockedBy: Int32?
    }

    struct State {
        var directoryExists = true
        var hasLocks = true
        var entries: [String: Int] = [:]
        var entriesOnDisk: [String: Int] = [:]
        var pending: [Entry] = []
        var files: [Int: File] = [:]
        var otherKinds: [String: FileKind] = [:]
        /// Descriptor → inode; nil is the directory.
        var descriptors: [Int32: Int?] = [:]
        var lastDescriptor: Int32 = 2
        var calls: [Call] = []
        /// Call number → what it fails with.
        var failures: [Int: FileErrno] = [:]
        /// Each call of this kind fails so, as often as it says.
        var storms: [Call: (errno: FileErrno, times: Int)] = [:]
        var powerCut: Int?
        var bytesPerWrite = Int.max
    }

    private let state = Mutex(State())

    func with<Answer: Sendable>(_ body: (inout sending State) -> sending Answer) -> Answer {
        state.withLock(body)
    }

    private func calling<Answer>(
        _ call: Call, _ body: (inout State) throws(FileErrno) -> Answer
    ) throws(FileErrno) -> Answer {
        let outcome: Result<Answer, FileErrno> = state.withLock { state in
            let number = state.calls.count
            state.calls.append(call)
            if let cut = state.powerCut, number >= cut { return .failure(.inputOutput) }
            if let failure = state.failures[number] { return .failure(failure) }
            if let storm = state.storms[call], storm.times > 0 {
                state.storms[call]?.times -= 1
                return .failure(storm.errno)
            }
            do throws(FileErrno) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    // MARK: What a test looks at

    /// A file that has been there, on the disk, since before.
    func place(_ data: [UInt8], as name: String) {
        with { state in
            let inode = state.files.count
            state.files[inode] = File(data: data, onDisk: data)
            state.entries[name] = inode
            state.entriesOnDisk[name] = inode
        }
    }

    func data(of name: String) -> [UInt8]? {
        with { state in state.entries[name].flatMap { state.files[$0]?.data } }
    }

    var names: [String] { with { $0.entries.keys.sorted() } }
    var calls: [Call] { with { $0.calls } }
    var openDescriptors: Int { with { $0.descriptors.count } }

    /// All that `name` may hold after a power cut now: nil stands for no file.
    func possibleContents(of name: String) -> Set<[UInt8]?> {
        with { state in
            var contents: Set<[UInt8]?> = []
            for choice in 0..<(1 << state.pending.count) {
                var entries = state.entriesOnDisk
                for (bit, entry) in state.pending.enumerated() where choice & (1 << bit) != 0 {
                    entry.apply(to: &entries)
                }
                guard let file = entries[name].flatMap({ state.files[$0] }) else {
                    contents.insert(nil)
                    continue
                }
                contents.insert(file.onDisk)
                guard file.data != file.onDisk else { continue }
                for length in [0, file.data.count / 2, file.data.count] {
                    contents.insert(Array(file.data.prefix(length)))
                }
            }
            return contents
        }
    }
}

extension SimulatedDisk.Entry {
    func apply(to entries: inout [String: Int]) {
        switch self {
        case .added(let name, let inode): entries[name] = inode
        case .removed(let name): entries[name] = nil
        case .renamed(let old, let new):
            guard let inode = entries.removeValue(forKey: old) else { return }
            entries[new] = inode
        }
    }
}

// MARK: The file calls

extension SimulatedDisk {
    func openDirectory(_ path: String) throws(FileErrno) -> Int32 {
        try calling(.openDirectory) { state throws(FileErrno) in
            guard state.directoryExists || path == "." else { throw .missing }
            return state.newDescriptor(nil)
        }
    }

    func makeDirectory(_ path: String) throws(FileErrno) {
        try calling(.makeDirectory) { state throws(FileErrno) in
            state.directoryExists = true
        }
    }

    func names(in directory: Int32) throws(FileErrno) -> [String] {
        try calling(.names) { state throws(FileErrno) in Array(state.entries.keys) }
    }

    func kind(of name: String, in directory: Int32) throws(FileErrno) -> FileKind {
        try calling(.kind) { state throws(FileErrno) in
            state.otherKinds[name] ?? (state.entries[name] == nil ? .absent : .regular)
        }
    }

    func create(_ name: String, in directory: Int32) throws(FileErrno) -> Int32 {
        try calling(.create) { state throws(FileErrno) in
            guard state.entries[name] == nil else { throw .exists }
            let inode = state.files.count
            state.files[inode] = File()
            state.change(.added(name, inode: inode))
            return state.newDescriptor(inode)
        }
    }

    func open(_ name: String, in directory: Int32) throws(FileErrno) -> Int32 {
        try calling(.open) { state throws(FileErrno) in
            guard let inode = state.entries[name] else { throw .missing }
            return state.newDescriptor(inode)
        }
    }

    func lock(_ file: Int32) -> FileLock {
        let answer = try? calling(.lock) { state throws(FileErrno) -> FileLock in
            guard state.hasLocks, let inode = state.inode(file) else { return .unsupported }
            if let owner = state.files[inode]?.lockedBy, owner != file { return .busy }
            state.files[inode]?.lockedBy = file
            return .acquired
        }
        return answer ?? .unsupported
    }

    func isLinked(_ file: Int32) throws(FileErrno) -> Bool {
        try calling(.isLinked) { state throws(FileErrno) in
            state.inode(file).map { state.entries.values.contains($0) } ?? false
        }
    }

    func write(_ bytes: RawSpan, to file: Int32) throws(FileErrno) -> Int {
        let all = bytes.withUnsafeBytes { Array($0) }
        return try calling(.write) { state throws(FileErrno) in
            guard let inode = state.inode(file) else { throw FileErrno(EBADF) }
            let part = all.prefix(state.bytesPerWrite)
            state.files[inode]?.data += part
            return part.count
        }
    }

    func truncate(_ file: Int32) throws(FileErrno) {
        try calling(.truncate) { state throws(FileErrno) in
            guard let inode = state.inode(file) else { throw FileErrno(EBADF) }
            state.files[inode]?.data = []
        }
    }

    func sync(_ descriptor: Int32) throws(FileErrno) {
        let isDirectory = with { $0.inode(descriptor) == nil }
        try calling(isDirectory ? .syncDirectory : .sync) { state throws(FileErrno) in
            guard let inode = state.inode(descriptor) else {
                for entry in state.pending { entry.apply(to: &state.entriesOnDisk) }
                state.pending = []
                return
            }
            let data = state.files[inode]?.data ?? []
            state.files[inode]?.onDisk = data
        }
    }

    func close(_ descriptor: Int32) throws(FileErrno) {
        // Linux takes the descriptor away whatever close(2) answers.
        with { state in
            if let inode = state.inode(descriptor), state.files[inode]?.lockedBy == descriptor {
                state.files[inode]?.lockedBy = nil
            }
            state.descriptors[descriptor] = nil
        }
        try calling(.close) { state throws(FileErrno) in }
    }

    func rename(
        _ old: String, to new: String, in directory: Int32, replacing: Bool
    ) throws(FileErrno) {
        try calling(.rename) { state throws(FileErrno) in
            guard state.entries[old] != nil else { throw .missing }
            guard replacing || state.entries[new] == nil else { throw .exists }
            state.change(.renamed(old, to: new))
        }
    }

    func remove(_ name: String, in directory: Int32) throws(FileErrno) {
        try calling(.remove) { state throws(FileErrno) in
            guard state.entries[name] != nil else { throw .missing }
            state.change(.removed(name))
        }
    }
}

extension SimulatedDisk.State {
    mutating func newDescriptor(_ inode: Int?) -> Int32 {
        lastDescriptor += 1
        descriptors.updateValue(inode, forKey: lastDescriptor)
        return lastDescriptor
    }

    mutating func change(_ entry: SimulatedDisk.Entry) {
        entry.apply(to: &entries)
        pending.append(entry)
    }

    func inode(_ descriptor: Int32) -> Int? {
        descriptors[descriptor].flatMap { $0 }
    }
}
