import Datagrams
import Glibc

/// What a trial did to the server, as a clause that begins with "it".
struct Damage {
    enum Kind {
        case died, closed, stalled
        /// It answers some sources, and not those that it answered before.
        case partly
        /// It answers with less than it is asked.
        case cut
    }

    let kind: Kind
    let text: String
    /// What to change, where the kind of the damage says that.
    var change: String?
}

/// Whether the server serves.
extension Bench {
    /// How long a server that does not answer is given to work off what waits in its buffer.
    private static let backlogNs: Int64 = 20 * secondNs
    /// How long a server that is not ours may take to come back, perhaps by its supervisor.
    private static let returnNs: Int64 = 3 * secondNs
    /// How long a silent server that has its port is asked before its answers are looked for.
    private static let silenceNs: Int64 = 1_500 * millisecondNs
    private static let askEveryNs: Int64 = 200 * millisecondNs
    /// How often a port is looked at that is not open yet.
    private static let portLookNs: Int64 = 2 * millisecondNs

    /// How much longer an answer may take while the server waits for a processor of a busy machine.
    static let busyNs: Int64 = 15 * secondNs
    /// How long another program may have the server's port before it is not for a moment.
    private static let freePortNs: Int64 = 3 * secondNs
    static let lookAgainNs: Int64 = 200 * millisecondNs

    /// Whether a question waits in the server's buffer and the server would take it if this host
    /// let it run: no silence of the server's. Of a server that is not ours the state is unknown.
    var isWaitingForProcessor: Bool {
        guard backlogBytes > 0 else { return false }
        guard let group = server.group else { return true }
        return ServerProcesses.areRunnable(group: group)
    }

    /// Bytes that wait in the server's receive buffers; 0 where that is not known.
    var backlogBytes: Int { isLocal ? PortUse.load(on: target)?.queuedBytes ?? 0 : 0 }

    /// Datagrams that the server's full receive buffers have refused; nil where not known.
    var serverDrops: Int? { isLocal ? PortUse.load(on: target)?.drops : nil }

    /// Sockets that have the server's port; nil where that is not known.
    var openSockets: Int? { isLocal ? PortUse.load(on: target)?.sockets : nil }

    /// - Parameter source: One that has to be answered too, because its datagrams were the trial:
    ///   another worker of the server may have them than those of the regular one.
    /// - Returns: nil while the server answers.
    func damage(also source: Peer? = nil) throws -> Damage? {
        if let damage = try damage(to: regular) { return damage }
        if let source, let damage = try damage(to: source) { return damage }
        return try goneSockets()
    }

    private func damage(to peer: Peer) throws -> Damage? {
        isDamaged = false
        let untilNs = Self.nowNs() + Self.backlogNs
        let firstNumber = number + 1
        var attempt = 0
        var backlog = Int.max
        strays.removeAll()
        while !server.hasEnded {
            let answer = try askPlainly(
                from: peer, attempts: 1, patienceNs: Self.patienceNs / 2)
            if answer != nil { return nil }
            // An answer to one of these questions that comes late is an answer.
            let isLate = strays.contains { (text.number($0.octets) ?? 0) >= firstNumber }
            if isLate { return nil }
            attempt += 1
            // A server that is still working off what waits is slow, and not silent.
            let isWorking = backlogBytes > 0 && backlogBytes < backlog
            backlog = backlogBytes
            let attemptsAtMost = Self.attempts + (missesAnyway == nil ? 0 : Self.moreForgetful)
            if attempt >= attemptsAtMost, !isWorking || Self.nowNs() >= untilNs { break }
        }
        isDamaged = true
        if let ending = server.ending() { return Damage(kind: .died, text: ending) }
        if openSockets == 0 {
            let what = server.isOwn ? "it runs, but its port is closed" : "its port is closed"
            return Damage(kind: .closed, text: what)
        }
        return try explain(attempts: attempt)
    }

    /// Of a server that has its port and does not answer: whether nobody gets an answer any more.
    private func explain(attempts: Int) throws -> Damage {
        // A late answer to an earlier datagram is no answer to each of the questions.
        let short = strays.filter { $0.octets.count < ProbeText.headerBytes }
        if short.count >= attempts, let longest = short.map(\.octets.count).max() {
            return Damage(
                kind: .cut,
                text: "it answers 32 bytes with \(Wording.bytes(longest)) at most",
                change: advice.fullSize)
        }
        let what = server.isOwn ? "it runs and" : "it"
        if try answeringSource() != nil {
            return Damage(
                kind: .partly,
                text: "\(what) answers other sources, and this one no more, asked "
                    + "\(attempts) times")
        }
        return Damage(kind: .stalled, text: "\(what) answers nothing any more")
    }

    private static let returnOfSocketNs: Int64 = secondNs

    /// Whether the port has fewer sockets than it had: a worker of the server has ended, and the
    /// others have its sources now.
    private func goneSockets() throws -> Damage? {
        guard server.isOwn, let before = settledSockets, before > 1 else { return nil }
        let untilNs = Self.nowNs() + Self.returnOfSocketNs
        while let now = freeSockets, now > 0, now < before {
            guard Self.nowNs() < untilNs else {
                isDamaged = true
                return Damage(
                    kind: .partly,
                    text: "it answers, but \(before - now) of its \(before) sockets "
                        + "\(before - now == 1 ? "is" : "are") gone: a worker has ended")
            }
            try rest(ns: Self.lookAgainNs)
        }
        return nil
    }

    /// Sockets that have the server's port and are not connected; nil where that is not known.
    var freeSockets: Int? {
        guard isLocal, let load = PortUse.load(on: target) else { return nil }
        return load.sockets - load.connected
    }

    /// Counts the sockets, twice: some servers have one more for a moment.
    func settleSockets() throws {
        guard server.isOwn, let first = freeSockets, first > 1 else { return }
        try rest(ns: 20 * Self.millisecondNs)
        settledSockets = max(settledSockets ?? 0, min(first, freeSockets ?? first))
    }

    /// Fresh sources that are tried before a server is said to answer none; if half of the sources
    /// are answered, one server in 65,536 is said so wrongly.
    private static let sourcesTried = 16
    private static let sourceWaitNs: Int64 = 700 * millisecondNs

    /// A fresh source that the server answers; nil where it answers none of several.
    func answeringSource() throws -> Peer? {
        let peers = try (0..<Self.sourcesTried).map { _ in
            try Peer(toward: target, largeBuffer: true)
        }
        let firstNumber = number + 1
        for peer in peers { peer.send(question(bytes: 32).octets, to: target) }
        let untilNs = Self.nowNs() + Self.sourceWaitNs + slowestNs
        while Self.nowNs() < untilNs, !server.hasEnded {
            for (index, peer) in peers.enumerated() {
                while let letter = peer.take(room) {
                    if text.number(letter.octets) == firstNumber + index { return peer }
                }
            }
            try listen(to: peers, untilNs: untilNs)
        }
        return nil
    }

    enum Health: Equatable {
        case answers
        /// Why the server cannot be tried.
        case not(String)
    }

    /// Asks until the server answers. The first time that it does not, looks where its answers go.
    func awaitHealth(mayLookForAnswers: Bool) throws -> Health {
        let limitNs =
            server.isOwn
            ? Int64(options.readyTimeoutNs) : mayLookForAnswers ? Self.patienceNs : Self.returnNs
        let untilNs = Self.nowNs() + limitNs
        var openSinceNs: Int64?
        var hasLooked = !mayLookForAnswers || ear != nil
        var hasTriedOthers = false
        strays.removeAll()
        metOpenPort = []
        firstAsker = regular
        answeredFirst = nil
        while Self.nowNs() < untilNs {
            if server.hasEnded { return .not(server.ending() ?? "it ended") }
            // What is asked before the port is open cannot be answered; it is asked all the same,
            // because a port may be served where this host's tables do not show it.
            let sockets = try awaitPort(withinNs: Self.askEveryNs)
            let askedNs = Self.nowNs()
            if let sockets, sockets > 0 {
                hadPort = true
                metOpenPort.append(number + 1)
            }
            // Asked again soon, and an answer that comes late is one.
            let answer = try askPlainly(
                attempts: 1, patienceNs: Self.askEveryNs, mayBeBusy: false, bytes: healthBytes)
            if let answer {
                answeredFirst = text.number(answer.octets)
                return .answers
            }
            if strays.contains(where: { text.number($0.octets) != nil }) { return .answers }
            if openSockets != 0 { openSinceNs = openSinceNs ?? askedNs }
            if let openSockets, openSockets > 0 { hadPort = true }
            if let openSinceNs, Self.nowNs() - openSinceNs >= Self.silenceNs, !hasTriedOthers,
                strays.isEmpty, ear == nil
            {
                hasTriedOthers = true
                if let source = try answeringSource() {
                    ask(from: source)
                    return .answers
                }
            }
            if let openSinceNs, Self.nowNs() - openSinceNs >= Self.silenceNs, !hasLooked,
                strays.isEmpty
            {
                hasLooked = true
                switch try EarSearch(bench: self).find() {
                case .at(let listener):
                    ear = listener
                    return .answers
                case .itself:
                    answersItself = true
                    return .not("its answers go to its own address")
                case .nothing: break
                }
            }
            // A closed port answers at once with a reset: do not ask in a tight loop.
            if sockets != 0 { try rest(ns: askedNs + Self.askEveryNs - Self.nowNs()) }
        }
        return .not(silence())
    }

    /// - Returns: How many sockets have the port when one has, or when the time is over.
    private func awaitPort(withinNs limitNs: Int64) throws -> Int? {
        let untilNs = Self.nowNs() + limitNs
        while true {
            let sockets = openSockets
            guard sockets == 0, Self.nowNs() < untilNs, !server.hasEnded else { return sockets }
            try rest(ns: Self.portLookNs)
        }
    }

    private func silence() -> String {
        if !strays.isEmpty {
            return "it answers, but with something else than it was asked: it is no echo server"
        }
        if openSockets == 0 { return "nothing has the port \(target.port) of \(target.host)" }
        let place =
            isLocal
            ? "no answer came back to the sender, or to any free port of this host"
            : "no answer came back"
        return place
    }

    /// What keeps this host from asking the server at all; nil where a question has left.
    var hostFault: String? {
        guard regular.sent == 0 else { return nil }
        return regular.sendFault.map { "\($0)" }
    }

    /// What health is proven with: the largest payload where smaller ones cut what comes after.
    private var healthBytes: Int { shrinks ? PayloadTrials.largestBytes : 32 }

    /// Whether the server answers, started again if it must be. A server whose receive length
    /// follows what it received is started again for each datagram.
    func isReady(_ restarts: inout Int) throws -> Bool {
        if shrinks, server.isOwn { return try bringBack().health == .answers }
        if !isDamaged, !server.hasEnded, try askPlainly() != nil { return true }
        if server.isOwn {
            restarts += 1
            return try bringBack().health == .answers
        }
        return try awaitHealth(mayLookForAnswers: false) == .answers
    }

    /// Starts the server again and waits until it answers. A start that ends is tried once more
    /// when the port is nobody's afterwards: another program may have had it for that moment, as
    /// another battery has that looks where its answers go.
    /// - Returns: Also why the first start ended, if there was a second one.
    func bringBack() throws -> (health: Health, firstEnding: String?) {
        do {
            try restart()
        } catch let error as ServerNotStarted {
            return (.not(error.description), nil)
        }
        let health = try awaitHealth(mayLookForAnswers: false)
        guard case .not(let why) = health, server.hasEnded, try portComesFree() else {
            return (health, nil)
        }
        try restart()
        return (try awaitHealth(mayLookForAnswers: false), why)
    }

    private func portComesFree() throws -> Bool {
        let untilNs = Self.nowNs() + Self.freePortNs
        while let sockets = openSockets, Self.nowNs() < untilNs {
            if sockets == 0 { return true }
            try rest(ns: Self.lookAgainNs)
        }
        return false
    }

    /// Starts the server again, where it is the battery's own.
    func restart() throws {
        server.stop()
        drain()
        isDamaged = false
        settledSockets = nil
        try server.start()
    }
}
