/// The names of files for columns and labels: as much of each path's end as tells it from the
/// others.
package enum DistinctNames {
    /// Returns a name per path: `main/report.json` and `branch/report.json` where both are called
    /// `report.json`; paths that are equal get a number.
    package static func of(_ paths: [String]) -> [String] {
        let parts = paths.map { $0.split(separator: "/", omittingEmptySubsequences: true) }
        let longest = parts.map(\.count).max() ?? 0
        var names = paths
        for length in 1...max(1, longest) {
            names = parts.map { $0.suffix(length).joined(separator: "/") }
            if Set(names).count == Set(paths).count { break }
        }
        var seen: [String: Int] = [:]
        return zip(names, paths).map { name, path in
            let name = name.isEmpty ? path : name
            seen[name, default: 0] += 1
            let number = seen[name, default: 1]
            return number > 1 ? "\(name) (\(number))" : name
        }
    }
}
