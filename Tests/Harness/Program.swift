import Glibc

/// The program under test, and the files that come with it.
package enum Program {
    /// `UDPLAB_PROGRAM` names it, else it is the debug product beside the test bundle.
    package static let path: String = {
        if let named = getenv("UDPLAB_PROGRAM") { return String(cString: named) }
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(count, 0)).map(UInt8.init), as: UTF8.self)
        return text.prefix(through: text.lastIndex(of: "/") ?? text.startIndex) + "udplab"
    }()

    /// The folder of Package.swift.
    package static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// Where a tool of other people is, or nil when it is not installed.
    package static func tool(_ name: String) -> String? {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let candidates = folders.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { access($0, X_OK) == 0 }
    }

    package static let python = tool("python3")
    package static let socat = tool("socat")
    package static let isRoot = geteuid() == 0
}
