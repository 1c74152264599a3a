import CLinuxUDP

/// The command line of this process, as `main` received it.
///
/// Swift's own `CommandLine.arguments` reads /proc/self/cmdline on Linux, and is empty if that
/// cannot be read: the program would then ignore its arguments.
package enum ProcessArguments {
    /// The arguments after the program's name.
    package static let words: [String] = (1..<max(1, Int(udplab_argument_count()))).compactMap {
        udplab_argument(Int32($0)).map { String(cString: $0) }
    }

    /// The path by which this program was started; `nil` if the kernel does not report it.
    package static var programPath: String? { udplab_program_path().map { String(cString: $0) } }
}
