/// The figures of a datagram log by their definitions, the slow and obvious way: RFC 7680 (loss),
/// RFC 3357 (loss periods), RFC 4737 (reordering), RFC 5560 (duplication), RFC 2681 (round trip),
/// RFC 3393 (delay variation), RFC 2330 §11.3 (percentile).
struct SlowAudit {
    struct Probe: Hashable {
        let flow: Int
        let sequence: Int
    }

    var sent = 0
    var inTime = 0
    var late = 0
    var duplicates = 0
    var replicated = 0
    var reordered = 0
    /// Of the reordered arrivals, by how many arrivals each comes after the first larger one.
    var extentMax = 0
    var extentSum = 0
    /// Arrivals before which the last 1, 2, 3 all had larger numbers.
    var nReordered = [0, 0, 0]
    var periods: [Int] = []
    /// Ascending.
    var roundTripsNs: [Int] = []
    var variationsNs: [Int] = []
    /// Received without having been sent.
    var unknown = 0

    var received: Int { inTime + late }

    private var sentNs: [Probe: Int] = [:]
    private var firstNs: [Probe: Int] = [:]
    private var copies: [Probe: Int] = [:]
    private var order: [Int: [Int]] = [:]
    private var numbers: [Int: [Int]] = [:]

    init(log: [UInt8], timeoutNs: Int) {
        read(log)
        for (probe, count) in copies {
            guard let sent = sentNs[probe], let first = firstNs[probe] else {
                unknown += count
                continue
            }
            duplicates += count - 1
            if count > 1 { replicated += 1 }
            roundTripsNs.append(first - sent)
            if first - sent <= timeoutNs { inTime += 1 } else { late += 1 }
        }
        roundTripsNs.sort()
        for (flow, sequences) in numbers {
            settle(flow, sequences.sorted(), timeoutNs: timeoutNs)
            reorder(order[flow] ?? [])
        }
    }

    /// The smallest value with at least `percent` of all at or below it.
    func percentile(_ percent: Double) -> Int? {
        guard !roundTripsNs.isEmpty else { return nil }
        let rank = (percent / 100 * Double(roundTripsNs.count)).rounded(.up)
        return roundTripsNs[max(0, Int(rank) - 1)]
    }

    /// `flow,seq,event,time_ns,bytes`, where a flow is a number.
    private mutating func read(_ log: [UInt8]) {
        var numbers = [0, 0, 0, 0, 0]
        var column = 0
        var isReceived = false
        for octet in log {
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                numbers[column] = numbers[column] * 10 + Int(octet) - 48
            case UInt8(ascii: "r"): isReceived = true
            case UInt8(ascii: ","): column += 1
            case UInt8(ascii: "\n"):
                add(
                    Probe(flow: numbers[0], sequence: numbers[1]), isReceived: isReceived,
                    timeNs: numbers[3])
                numbers = [0, 0, 0, 0, 0]
                column = 0
                isReceived = false
            default: break
            }
        }
    }

    private mutating func add(_ probe: Probe, isReceived: Bool, timeNs: Int) {
        guard isReceived else {
            sent += 1
            sentNs[probe] = timeNs
            numbers[probe.flow, default: []].append(probe.sequence)
            return
        }
        copies[probe, default: 0] += 1
        guard firstNs[probe] == nil else { return }
        firstNs[probe] = timeNs
        order[probe.flow, default: []].append(probe.sequence)
    }

    /// Loss periods and delay variation, in the order of sending.
    private mutating func settle(_ flow: Int, _ sequences: [Int], timeoutNs: Int) {
        var period = 0
        var delayBefore: (sequence: Int, delayNs: Int)?
        for sequence in sequences {
            let probe = Probe(flow: flow, sequence: sequence)
            let delayNs = firstNs[probe].map { $0 - (sentNs[probe] ?? 0) }
            if let delayNs, delayNs <= timeoutNs {
                if period > 0 { periods.append(period) }
                period = 0
            } else {
                period += 1
            }
            if let before = delayBefore, before.sequence == sequence - 1, let delayNs {
                variationsNs.append(delayNs - before.delayNs)
            }
            delayBefore = delayNs.map { (sequence, $0) }
        }
        if period > 0 { periods.append(period) }
    }

    private mutating func reorder(_ arrivals: [Int]) {
        var nextExpected = 0
        for (index, sequence) in arrivals.enumerated() {
            if sequence >= nextExpected {
                nextExpected = sequence + 1
                continue
            }
            reordered += 1
            // The quadratic definition: look at all before it.
            var earliest = index
            var position = index - 1
            while position >= 0, index - position <= 2_000 {
                if arrivals[position] > sequence { earliest = position }
                position -= 1
            }
            extentMax = max(extentMax, index - earliest)
            extentSum += index - earliest
            for n in 1...3 where index >= n {
                if arrivals[(index - n)..<index].allSatisfy({ $0 > sequence }) {
                    nReordered[n - 1] += 1
                }
            }
        }
    }
}
