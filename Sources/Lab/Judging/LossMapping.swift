import Loops
import Metrics
import Reports

/// The single losses of a stream with the account of the ledger that each is in.
///
/// The end of the stream that settles the probes knows which were lost; the responder knows which
/// of them it received; a relay knows which it dropped or altered. Losses between two of these
/// places are in the one account of that stretch that is not 0. If several are not, the account of
/// a single loss is not known: `lost_unsplit`.
struct LossMapping: Sendable {
    /// The lost probes, with flow numbers of the stream.
    let losses: LossRunList
    let ledger: Ledger
    /// The probes that did not reach the responder; nil if it does not tell.
    var unarrived: FlowRanges<Bool>?
    /// The probes that did not pass the relay; nil without a relay, or if it does not tell.
    var relayed: FlowRanges<RelayFate>?
    /// Whether a network drops datagrams whose sequence numbers are not known.
    var dropsUnseen = false
    /// The time to which those of the map are relative.
    let originNs: Int64

    /// A stretch of the path in which a probe was lost.
    private enum Stretch: CaseIterable {
        case beforeRelay, forward, backward, anywhere
    }

    private enum Place {
        case account(LossAccount)
        case stretch(Stretch)
    }

    private struct Piece {
        var run: LossRun
        var range: Range<Int>
        var place: Place
    }

    /// Returns all losses that are known one by one, in the order of their send times.
    func runs() -> [LossRunReport] {
        let pieces = losses.runs.flatMap(pieces)
        var balance = Dictionary(
            uniqueKeysWithValues: LossAccount.allCases.map { ($0, ledger.count(of: $0)) })
        var missing: [Stretch: Int] = [:]
        for piece in pieces {
            switch piece.place {
            // Of an incomplete list nothing can be concluded from what is left of an account.
            case .account(let account) where losses.runsLeftOut == 0:
                balance[account, default: 0] -= piece.range.count
            case .account: break
            case .stretch(let stretch): missing[stretch, default: 0] += piece.range.count
            }
        }
        var accounts: [Stretch: LossAccount] = [:]
        for stretch in Stretch.allCases where missing[stretch] != nil {
            let possible = candidates(of: stretch).filter { balance[$0, default: 0] > 0 }
            let account = possible.count == 1 ? possible[0] : .lostUnsplit
            accounts[stretch] = account
            if losses.runsLeftOut == 0 {
                balance[account, default: 0] -= missing[stretch, default: 0]
            }
        }
        var runs: [LossRunReport] = []
        for piece in pieces {
            let account: LossAccount
            switch piece.place {
            case .account(let known): account = known
            case .stretch(let stretch): account = accounts[stretch] ?? .lostUnsplit
            }
            add(piece, account, to: &runs)
        }
        return runs.sorted { ($0.atNs, $0.flow, $0.first) < ($1.atNs, $1.flow, $1.first) }
    }

    private func candidates(of stretch: Stretch) -> [LossAccount] {
        let seesAll = relayed != nil && !dropsUnseen
        let forward: [LossAccount] =
            [.responderOverflow, .outage, .forwardLost, .rejected]
            + (seesAll ? [] : [.forwardInjected, .forwardCorrupt])
        let backward: [LossAccount] =
            [.echoFailed, .rejected, .senderOverflow, .beyondWindow, .backwardLost]
            + (seesAll ? [] : [.backwardInjected, .backwardCorrupt])
        switch stretch {
        case .beforeRelay: return [.forwardInjected, .outage, .forwardLost]
        case .forward: return forward
        case .backward: return backward
        case .anywhere: return LossAccount.allCases.filter { $0 != .late }
        }
    }

    // MARK: - One run

    private func pieces(_ run: LossRun) -> [Piece] {
        let range = run.first..<run.first + run.count
        if run.isLate { return [Piece(run: run, range: range, place: .account(.late))] }
        let byRelay = relayed?.pieces(of: range, flow: run.flow) ?? [(range, .some(nil))]
        return byRelay.flatMap { part, fate in
            let byResponder = unarrived?.pieces(of: part, flow: run.flow) ?? [(part, nil)]
            return byResponder.map { part, isMissing in
                let arrived = isMissing.map { $0 != true }
                return Piece(run: run, range: part, place: place(fate: fate, arrived: arrived))
            }
        }
    }

    /// Returns where a probe was lost.
    /// - Parameters:
    ///   - fate: Its fate in the relay: nil if unknown, and nil in it if it passed.
    ///   - arrived: Whether it reached the responder; nil if unknown.
    private func place(fate: RelayFate??, arrived: Bool?) -> Place {
        switch fate {
        case .some(.neverArrived) where arrived != true: return .stretch(.beforeRelay)
        case .some(.dropped) where arrived != true, .some(.held) where arrived != true:
            return .account(.forwardInjected)
        case .some(.altered) where arrived != true: return .account(.forwardCorrupt)
        case .some(.answerDropped): return .account(.backwardInjected)
        case .some(.answerAltered): return .account(.backwardCorrupt)
        case .some(.answerHeld): return .account(.beyondWindow)
        default: break
        }
        switch arrived {
        case true?: return .stretch(.backward)
        case false?: return .stretch(fate == nil && relayed != nil ? .anywhere : .forward)
        case nil: return .stretch(.anywhere)
        }
    }

    /// Adds a piece, to the run before it if it continues that.
    private func add(_ piece: Piece, _ account: LossAccount, to runs: inout [LossRunReport]) {
        let run = piece.run
        func sentNs(_ sequence: Int) -> Int {
            let share = run.count > 1 ? Double(sequence - run.first) / Double(run.count - 1) : 0
            let sinceFirst = Double(run.lastSentNs - run.sentNs) * share
            return Int(run.sentNs - originNs + Int64(sinceFirst))
        }
        let last = piece.range.upperBound - 1
        if let before = runs.last, before.flow == run.flow, before.account == account,
            before.last + 1 == piece.range.lowerBound, before.first >= run.first
        {
            runs[runs.count - 1].last = last
            runs[runs.count - 1].untilNs = sentNs(last)
            return
        }
        runs.append(
            LossRunReport(
                flow: run.flow, first: piece.range.lowerBound, last: last,
                atNs: sentNs(piece.range.lowerBound), untilNs: sentNs(last), account: account))
    }
}

/// Marked ranges of sequence numbers, by flow, known up to a number of each flow.
struct FlowRanges<Mark: Sendable>: Sendable {
    private var ranges: [Int: [(range: Range<Int>, mark: Mark)]] = [:]
    /// The number from which on all numbers of a flow have one mark, or an unknown one.
    private var ends: [Int: (number: Int, mark: Mark?)] = [:]

    /// Adds a range above those of its flow before it.
    mutating func add(_ range: Range<Int>, flow: Int, _ mark: Mark) {
        ranges[flow, default: []].append((range, mark))
    }

    /// Sets that all numbers of a flow from `end` on have one mark.
    mutating func end(flow: Int, at end: Int, _ mark: Mark) {
        ends[flow] = (end, mark)
    }

    /// Forgets what follows the last range of each of the flows, because further ranges were left
    /// out.
    mutating func isCut(flows: Range<Int>) {
        for flow in flows {
            ends[flow] = (ranges[flow]?.last?.range.upperBound ?? 0, nil)
        }
    }

    /// Divides a range by the marks in it: each part has its mark, `.some(nil)` where there is
    /// none, and nil where it is not known.
    func pieces(of range: Range<Int>, flow: Int) -> [(Range<Int>, Mark??)] {
        var pieces: [(Range<Int>, Mark??)] = []
        var next = range.lowerBound
        let end = min(range.upperBound, max(range.lowerBound, ends[flow]?.number ?? .max))
        let marked = ranges[flow] ?? []
        var index = marked.partition(after: next)
        while next < end {
            guard index < marked.count, marked[index].range.lowerBound < end else {
                pieces.append((next..<end, .some(nil)))
                next = end
                break
            }
            let (found, mark) = marked[index]
            if found.lowerBound > next { pieces.append((next..<found.lowerBound, .some(nil))) }
            let upper = min(found.upperBound, end)
            pieces.append((max(next, found.lowerBound)..<upper, .some(mark)))
            next = upper
            index += 1
        }
        if next < range.upperBound {
            let mark = ends[flow]?.mark
            pieces.append((next..<range.upperBound, mark.map { .some($0) }))
        }
        return pieces
    }
}

extension Array {
    /// Returns the index of the first of ascending ranges that ends after `number`.
    fileprivate func partition<Mark>(after number: Int) -> Int
    where Element == (range: Range<Int>, mark: Mark) {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].range.upperBound > number { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Ledger {
    /// Returns the count of an account in which lost probes can be; 0 if it is not known.
    func count(of account: LossAccount) -> Int {
        switch account {
        case .late: late
        case .forwardInjected: forwardInjected ?? 0
        case .forwardCorrupt: forwardCorrupt ?? 0
        case .responderOverflow: responderOverflow ?? 0
        case .outage: outage ?? 0
        case .forwardLost: forwardLost ?? 0
        case .echoFailed: echoFailed ?? 0
        case .rejected: rejected ?? 0
        case .backwardInjected: backwardInjected ?? 0
        case .backwardCorrupt: backwardCorrupt ?? 0
        case .senderOverflow: senderOverflow ?? 0
        case .beyondWindow: beyondWindow ?? 0
        case .backwardLost: backwardLost ?? 0
        case .lostUnsplit: lostUnsplit ?? 0
        }
    }
}
