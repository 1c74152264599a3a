/// The rooms of a target are its folders, and a room uses the types of another one way only.
enum RoomRules {
    /// Circles of rooms, each as the rooms and the types by which each leads to the next.
    /// - Parameter files: Those of one target.
    static func circles(_ files: [SourceFile]) -> [String] {
        let uses = uses(files)
        var found: [String] = []
        for room in uses.keys.sorted() {
            guard let way = way(from: room, to: room, uses), way.first == way.min() else {
                continue
            }
            let steps = zip(way, way.dropFirst() + [room]).map { from, to in
                "\(from) uses \((uses[from]?[to] ?? []).sorted().joined(separator: ", ")) of \(to)"
            }
            found.append(steps.joined(separator: "; "))
        }
        return found
    }

    /// The folder of a file within its target; files beside the folders are in none.
    private static func room(_ file: SourceFile) -> String? {
        let parts = file.path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : nil
    }

    /// By room, the other rooms that it uses, and which types of theirs.
    private static func uses(_ files: [SourceFile]) -> [String: [String: Set<String>]] {
        var homes: [String: Set<String>] = [:]
        var nested: [String: Set<String>] = [:]
        for file in files {
            guard let room = room(file) else { continue }
            for line in file.code {
                guard let name = declaredType(line) else { continue }
                if line.first?.isWhitespace == false {
                    homes[name, default: []].insert(room)
                } else {
                    nested[room, default: []].insert(name)
                }
            }
        }
        var uses: [String: [String: Set<String>]] = [:]
        for file in files {
            guard let room = room(file) else { continue }
            uses[room, default: [:]].merge([:]) { one, _ in one }
            for name in file.code.flatMap(namesOfTypes) {
                guard let home = homes[name], home.count == 1, let other = home.first,
                    other != room,
                    nested[room]?.contains(name) != true
                else { continue }
                uses[room, default: [:]][other, default: []].insert(name)
            }
        }
        return uses
    }

    /// The shortest way over other rooms.
    private static func way(
        from start: String, to end: String, _ uses: [String: [String: Set<String>]]
    ) -> [String]? {
        var ways = [[start]]
        var seen: Set<String> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            for next in (uses[way[way.count - 1]] ?? [:]).keys.sorted() {
                if next == end { return way }
                if seen.insert(next).inserted { ways.append(way + [next]) }
            }
        }
        return nil
    }

    private static let declaring: Set<Substring> = [
        "struct", "class", "enum", "protocol", "actor", "typealias",
    ]

    /// The type that a line declares for others than its file.
    private static func declaredType(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(where: declaring.contains), words.count > place + 1,
            !words[..<place].contains(where: { $0.hasPrefix("private") || $0 == "fileprivate" }),
            words[..<place].allSatisfy({ $0.first?.isLowercase == true || $0.hasPrefix("@") })
        else { return nil }
        return String(words[place + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }

    /// The names with a capital that are no member of another name, outside strings.
    private static func namesOfTypes(_ line: Substring) -> [String] {
        var names: [String] = []
        for (number, part) in line.split(separator: "\"", omittingEmptySubsequences: false)
            .enumerated()
        where number.isMultiple(of: 2) {
            var before: Character = " "
            for word in part.split(
                omittingEmptySubsequences: false,
                whereSeparator: {
                    !($0.isLetter || $0.isNumber || $0 == "_")
                })
            {
                if word.startIndex > part.startIndex {
                    before = part[part.index(before: word.startIndex)]
                }
                if word.first?.isUppercase == true, before != "." { names.append(String(word)) }
            }
        }
        return names
    }
}
