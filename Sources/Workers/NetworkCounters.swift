import JSON
import Loops

/// Reads the kernel's counters from the JSON of nft(8) and tc(8).
enum NetworkCounters {
    /// Returns packets by the name of the counter.
    static func packets(ofRules text: String) throws(JSONError) -> [String: Int] {
        let value = try JSONValue.parse(Array(text.utf8), limits: .controlMessage)
        var packets: [String: Int] = [:]
        for entry in array(value["nftables"]) {
            guard let counter = entry["counter"], case .string(let name)? = counter["name"],
                case .integer(let count)? = counter["packets"]
            else { continue }
            packets[name] = count
        }
        return packets
    }

    /// Returns the drops and the backlog of the outermost queue of an interface, which include
    /// those of inner queues.
    static func queue(of text: String) throws(JSONError) -> (drops: Int, queued: Int) {
        let value = try JSONValue.parse(Array(text.utf8), limits: .controlMessage)
        let root = array(value).first { $0["root"] == .bool(true) }
        func count(_ key: String) -> Int {
            if case .integer(let count)? = root?[key] { return count }
            return 0
        }
        return (count("drops"), count("qlen"))
    }

    private static func array(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let values)? = value { return values }
        return []
    }
}

extension NetworkWayResult {
    /// Reads the counters of a direction.
    /// - Parameter packets: All counters of all sides, by name.
    init(
        _ direction: String, streams: Int, packets: [String: Int], queue: (drops: Int, queued: Int)
    ) {
        self.init()
        func count(_ what: String, _ which: String) -> Int {
            packets["\(direction)_\(what)_\(which)"] ?? 0
        }
        func counts(_ what: String) -> [Int] { (0..<streams).map { count(what, "\($0)") } }
        entered = counts("entered")
        arrived = counts("arrived")
        lost = counts("lost")
        enteredOther = count("entered", "other")
        arrivedOther = count("arrived", "other")
        lostOther = count("lost", "other")
        queueDrops = queue.drops
        queued = queue.queued
    }
}
