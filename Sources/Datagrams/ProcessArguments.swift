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

    /// Overwrites, in the list of processes, what is behind the `=` of each value of an option:
    /// `--option NAME=VALUE` and `--option=NAME=VALUE`.
    package static func hideValues(of option: String) {
        var isValue = false
        for index in 1..<max(1, udplab_argument_count()) {
            guard let argument = udplab_argument(index) else { continue }
            let word = String(cString: argument)
            let start = word.hasPrefix("\(option)=") ? option.utf8.count + 1 : isValue ? 0 : nil
            isValue = word == option
            guard let start else { continue }
            let bytes = UnsafeMutablePointer(mutating: argument)
            var isSecret = false
            var place = start
            while bytes[place] != 0 {
                if isSecret { bytes[place] = CChar(UInt8(ascii: "*")) }
                isSecret = isSecret || bytes[place] == CChar(UInt8(ascii: "="))
                place += 1
            }
        }
    }

    /// The path by which this program was started; `nil` if the kernel does not report it.
    package static var programPath: String? { udplab_program_path().map { String(cString: $0) } }
}
