import CLinuxUDP
import Glibc

/// A network namespace that this process keeps open: network_namespaces(7).
///
/// The namespace has no name in any directory. It exists until the last process that is in it or
/// holds it open exits, and takes its interfaces, routes, queues and rules with it, so that a run
/// leaves nothing behind.
package struct NetworkNamespace: Sendable {
    package let descriptor: Int32

    /// Whether the interfaces of a new namespace can have IPv6 addresses: the kernel supports IPv6,
    /// and the MTU is at least IPv6's minimum (RFC 8200 §5).
    package static func canHaveIPv6(mtuBytes: Int) -> Bool {
        access("/proc/sys/net/ipv6", F_OK) == 0 && mtuBytes >= 1_280
    }

    /// Moves this process into a new network namespace with its loopback interface up, through a
    /// user namespace if necessary: user_namespaces(7). The process must have one thread.
    package static func enterFresh() throws(SystemFailure) -> NetworkNamespace {
        try made(udplab_enter_fresh_network())
    }

    /// Moves the calling thread into a further new network namespace.
    package static func enterAnother() throws(SystemFailure) -> NetworkNamespace {
        try made(udplab_make_network_namespace())
    }

    private static func made(_ result: Int32) throws(SystemFailure) -> NetworkNamespace {
        guard result >= 0 else {
            throw SystemFailure(
                "unshare", "", SystemErrno(rawValue: -result),
                reason: "this process may not make a network namespace "
                    + "(\(SystemErrno(rawValue: -result).name))",
                advice: "it needs root, or user namespaces switched on; `udplab doctor` says more")
        }
        return NetworkNamespace(descriptor: result)
    }

    /// Moves the calling thread into the namespace.
    package func enter() throws(SystemFailure) {
        let result = udplab_enter_network_namespace(descriptor)
        guard result == 0 else {
            throw SystemFailure("setns", "", SystemErrno(rawValue: -result))
        }
    }

    /// Moves this process, which must have one thread, into the namespace that the process
    /// `holder` has open as `descriptor`.
    package static func join(holder: Int32, descriptor: Int32) throws(SystemFailure) {
        let result = udplab_join_network(holder, descriptor)
        guard result == 0 else {
            throw SystemFailure(
                "cannot join", "the network of process \(holder)", SystemErrno(rawValue: -result))
        }
    }

    /// Tries in a child process whether this user can make a network namespace, or whether
    /// `program`, named by its path, succeeds in one.
    @discardableResult
    package static func attempt(_ program: [String] = []) throws(SystemFailure) -> Attempt {
        let pipe = try ProcessControl.pipe()
        defer { close(pipe.reading) }
        let pointers = program.map { strdup($0) } + [nil]
        var signal: Int32 = 0
        let result = pointers.withUnsafeBufferPointer {
            udplab_try_in_namespace(program.isEmpty ? nil : $0.baseAddress, pipe.writing, &signal)
        }
        for pointer in pointers { free(pointer) }
        close(pipe.writing)
        guard result >= 0 else {
            throw SystemFailure("unshare", "", SystemErrno(rawValue: -result))
        }
        var words = [UInt8](repeating: 0, count: Attempt.wordsBytesMax)
        let count = read(pipe.reading, &words, words.count)
        return Attempt(
            exitCode: Int(result), signal: signal > 0 ? Int(signal) : nil,
            words: String(decoding: words.prefix(max(0, count)), as: UTF8.self))
    }

    /// The result of a program that was tried in a network namespace.
    package struct Attempt: Sendable {
        static let wordsBytesMax = 1_024

        /// The exit code; 0 without a program.
        package let exitCode: Int
        package let signal: Int?
        /// The beginning of the program's output.
        package let words: String

        package var hasSucceeded: Bool { exitCode == 0 && signal == nil }

        /// The reason of the failure, in the program's own words if it wrote any.
        package var failure: String {
            if let signal { return "signal \(signal) ended it" }
            let first = words.split(separator: "\n").first.map(String.init)
            return first ?? "it ended with \(exitCode) and without a word"
        }

        /// Whether the output says that the kernel does not support an object to be made.
        package var namesUnknown: Bool {
            signal == nil
                && ["unknown", "No such file", "not supported"].contains { words.contains($0) }
        }
    }
}

/// A file in memory, for a program that reads its commands from a file.
package struct MemoryFile: ~Copyable {
    package let descriptor: Int32

    package init(_ text: String) throws(SystemFailure) {
        let result = udplab_memory_file(text, text.utf8.count)
        guard result >= 0 else {
            throw SystemFailure("memfd_create", "", SystemErrno(rawValue: -result))
        }
        descriptor = result
    }

    deinit { close(descriptor) }

    /// The path of the file for a child of this process, which must still be running.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }
}
