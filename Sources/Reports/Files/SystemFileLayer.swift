import Glibc

/// The file calls of Linux.
package struct SystemFileLayer: FileLayer {
    package init() {}

    package func openDirectory(_ path: String) throws(FileErrno) -> Int32 {
        try checked(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    package func makeDirectory(_ path: String) throws(FileErrno) {
        _ = try checked(mkdir(path, 0o777))
    }

    package func names(in directory: Int32) throws(FileErrno) -> [String] {
        // A descriptor of its own: closedir(3) closes it, and readdir(3) moves its position.
        let copy = try checked(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard let listing = fdopendir(copy) else {
            let failure = FileErrno.last
            _ = Glibc.close(copy)
            throw failure
        }
        defer { closedir(listing) }
        var names: [String] = []
        while true {
            errno = 0  // readdir(3): the only way to tell the end from an error.
            guard let entry = readdir(listing) else {
                guard errno == 0 else { throw .last }
                return names
            }
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { field in
                    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
    }

    package func kind(of name: String, in directory: Int32) throws(FileErrno) -> FileKind {
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw .last }
            return .absent
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package func create(_ name: String, in directory: Int32) throws(FileErrno) -> Int32 {
        try checked(openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666))
    }

    package func open(_ name: String, in directory: Int32) throws(FileErrno) -> Int32 {
        // O_NONBLOCK: opening a FIFO in place of the file must not wait for a reader.
        try checked(openat(directory, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))
    }

    package func truncate(_ file: Int32) throws(FileErrno) {
        _ = try checked(ftruncate(file, 0))
    }

    package func lock(_ file: Int32) -> FileLock {
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return .acquired }
        return errno == EWOULDBLOCK ? .busy : .unsupported
    }

    package func isLinked(_ file: Int32) throws(FileErrno) -> Bool {
        var status = stat()
        _ = try checked(fstat(file, &status))
        return status.st_nlink > 0
    }

    package func write(_ bytes: RawSpan, to file: Int32) throws(FileErrno) -> Int {
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .last }
        return count
    }

    package func sync(_ descriptor: Int32) throws(FileErrno) {
        _ = try checked(fsync(descriptor))
    }

    package func close(_ descriptor: Int32) throws(FileErrno) {
        // close(2): on Linux the descriptor is closed even if the call was interrupted.
        guard Glibc.close(descriptor) == 0 || errno == EINTR else { throw .last }
    }

    package func rename(
        _ old: String, to new: String, in directory: Int32, replacing: Bool
    ) throws(FileErrno) {
        if !replacing {
            // Swift's Glibc does not import renameat2(2) with its RENAME_NOREPLACE. A hard link
            // refuses an existing name just as atomically.
            if linkat(directory, old, directory, new, 0) == 0 {
                // The new name exists; if the old name remains it is stale, and the next run
                // removes it.
                _ = try? remove(old, in: directory)
                return
            }
            // link(2): EPERM and EOPNOTSUPP come from file systems without hard links, such as FAT.
            // There a check of the name has to suffice, and of two simultaneous runs the later one
            // wins.
            guard errno == EPERM || errno == EOPNOTSUPP else { throw .last }
            guard try kind(of: new, in: directory) == .absent else { throw .exists }
        }
        _ = try checked(renameat(directory, old, directory, new))
    }

    package func remove(_ name: String, in directory: Int32) throws(FileErrno) {
        _ = try checked(unlinkat(directory, name, 0))
    }

    private func checked(_ answer: Int32) throws(FileErrno) -> Int32 {
        guard answer >= 0 else { throw .last }
        return answer
    }
}
