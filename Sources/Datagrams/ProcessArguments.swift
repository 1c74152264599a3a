import CLinuxUDP

/// The command line of this process, as `main` was given it.
///
/// Swift's own `CommandLine.arguments` reads /proc/self/cmdline on Linux, and is empty where that
/// cannot be read: a program that looked there would take any order for none.
package enum ProcessArguments {
    /// The words behind the program's name.
    package static let words: [String] = (1..<max(1, Int(udplab_argument_count()))).compactMap {
        udplab_argument(Int32($0)).map { String(cString: $0) }
    }

    /// The path by which this program was started; `nil` where the kernel does not say.
    package static var programPath: String? { udplab_program_path().map { String(cString: $0) } }
}
