/// Text tables of the kernel in the calling thread's network namespace: /proc/net itself would be
/// that of the process's first thread (proc(5)).
enum KernelTable {
    /// Returns a figure of /proc/net/snmp, which has a line of names and a line of values for each
    /// protocol.
    static func figure(_ name: String, of protocolName: String) -> Int? {
        guard let table = KernelFile.text("/proc/thread-self/net/snmp") else { return nil }
        let lines = table.split(separator: "\n").filter { $0.hasPrefix(protocolName) }
        guard lines.count == 2 else { return nil }
        let names = lines[0].split(separator: " ")
        let values = lines[1].split(separator: " ")
        guard let index = names.firstIndex(of: Substring(name)), index < values.count else {
            return nil
        }
        return Int(values[index])
    }

    /// Returns a figure of /proc/net/snmp6, which has a line per figure.
    static func figure6(_ name: String) -> Int? {
        guard let table = KernelFile.text("/proc/thread-self/net/snmp6") else { return nil }
        for line in table.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count == 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }
}
