import Glibc
import JSON
import Shipped

/// Advice on the name of a plan that cannot be read.
enum PlanName {
    /// The names of a folder that are looked at.
    private static let entriesMax = 1_000

    /// Returns a clause with the name that is probably meant; nil if the path names a file.
    static func hint(_ path: String) -> String? {
        var status = stat()
        let isThere = stat(path, &status) == 0
        guard !isThere || status.st_mode & S_IFMT == S_IFDIR else { return nil }
        if !isThere, ShippedPlan.all.contains(where: { $0.name == path }) {
            return "; did you mean \":\(path)\", which is inside udplab?"
        }
        let folder = isThere ? path : path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let plans = names(in: folder).filter { $0.hasSuffix(".json") }
        let start = folder == "." ? "" : folder.hasSuffix("/") ? folder : folder + "/"
        let name = path.split(separator: "/").last.map { String($0) } ?? ""
        let near = isThere ? plans.count == 1 ? plans[0] : nil : nearest(name, plans)
        if let near { return "; did you mean \((start + near).quoted)?" }
        return isThere
            ? "" : "; udplab init FILE writes a plan to start from, udplab list names those inside"
    }

    /// Returns the plan of a folder that a name stands for, also without its ending.
    private static func nearest(_ name: String, _ plans: [String]) -> String? {
        let stem = name.split(separator: ".").first.map { String($0) } ?? name
        return plans.contains("\(stem).json")
            ? "\(stem).json" : NearestMatch.of(name, among: plans)
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < entriesMax, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names.sorted()
    }
}
