import Datagrams
import Glibc

/// The effect of a trial on the server, as a clause that begins with "it".
struct Damage {
    enum Kind {
        case died, closed, stalled
        /// It no longer answers some sources that it answered before.
        case partly
        /// It answers with fewer bytes than it was sent.
        case cut
    }

    let kind: Kind
    let text: String
    /// The advice, if the kind of the damage suggests one.
    var change: String?
}

/// The health of the server.
extension Bench {
    /// The time for a server that does not answer to process its backlog.
    private static let backlogNs: Int64 = 20 * secondNs
    /// The time for a server of another owner to come back, perhaps by its supervisor.
    private static let returnNs: Int64 = 3 * secondNs
    /// The time for which a silent server with an open port is asked before its answers are
    /// searched for.
    private static let silenceNs: Int64 = 1_500 * millisecondNs
    private static let askEveryNs: Int64 = 200 * millisecondNs
    /// The interval of checks whether the port is open.
    private static let portLookNs: Int64 = 2 * millisecondNs

    /// The additional time for an answer while the server waits for a CPU of a busy machine.
    static let busyNs: Int64 = 15 * secondNs
    /// The time after which another program's use of the server's port does not count as momentary.
    private static let freePortNs: Int64 = 3 * secondNs
    static let lookAgainNs: Int64 = 200 * millisecondNs

    /// Whether a question waits in the server's buffer and the server is runnable but descheduled:
    /// its silence is then not a fault of the server. The state of a server of another owner is
    /// unknown.
    var isWaitingForProcessor: Bool {
        guard backlogBytes > 0 else { return false }
        return server.facts()?.isRunnable ?? true
    }

    /// The bytes that wait in the server's receive buffers; 0 if unknown.
    var backlogBytes: Int { load?.queuedBytes ?? 0 }

    /// The datagrams dropped by the server's full receive buffers; nil if unknown.
    var serverDrops: Int? { load?.drops }

    /// The number of sockets on the server's port; nil if unknown.
    var openSockets: Int? { load?.sockets }

    /// The load of the server's sockets; nil if unknown.
    var load: PortUse.Load? { isSeen ? server.load() : nil }

    /// Checks the server's health.
    /// - Parameter source: A further source that has to be answered, because its datagrams were the
    ///   trial: another worker of the server may serve it than the regular source.
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
            // A late answer to one of these questions is an answer.
            let isLate = strays.contains { (text.number($0.octets) ?? 0) >= firstNumber }
            if isLate { return nil }
            attempt += 1
            // A server that still processes its backlog is slow, and not silent.
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

    /// Returns the damage of a server that has its port and does not answer: whether no source is
    /// answered any more.
    private func explain(attempts: Int) throws -> Damage {
        // A late answer to an earlier datagram does not answer each of the questions.
        let short = strays.filter { $0.octets.count < ProbeText.headerBytes }
        if text.request == nil, short.count >= attempts,
            let longest = short.map(\.octets.count).max()
        {
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

    /// Returns the damage if the port has fewer sockets than before: a worker of the server has
    /// exited, and the others serve its sources now.
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

    /// The number of unconnected sockets on the server's port; nil if unknown.
    var freeSockets: Int? {
        load.map { $0.sockets - $0.connected }
    }

    /// Counts the sockets twice: some servers have one more for a moment.
    func settleSockets() throws {
        guard server.isOwn, let first = freeSockets, first > 1 else { return }
        try rest(ns: 20 * Self.millisecondNs)
        settledSockets = max(settledSockets ?? 0, min(first, freeSockets ?? first))
    }

    /// The number of fresh sources tried before a server counts as answering none; if half of the
    /// sources are answered, this is wrong for one server in 65,536.
    private static let sourcesTried = 16
    private static let sourceWaitNs: Int64 = 700 * millisecondNs

    /// Returns a fresh source that the server answers; nil if it answers none of several.
    func answeringSource() throws -> Peer? {
        let peers = try (0..<Self.sourcesTried).map { _ in
            try self.peer(largeBuffer: true)
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
        /// The server cannot be tried, for this reason.
        case not(String)
    }

    /// Probes the server for readiness. At the first failure, searches for the address of its
    /// answers.
    func awaitHealth(mayLookForAnswers: Bool) throws -> Health {
        let limitNs =
            server.isOwn
            ? Int64(options.readyTimeoutNs) : mayLookForAnswers ? Self.patienceNs : Self.returnNs
        let untilNs = Self.nowNs() + limitNs
        var openSinceNs: Int64?
        // What tells an answer from other datagrams of this host is known of an echo alone.
        var hasLooked = !mayLookForAnswers || ear != nil || text.request != nil
        var hasTriedOthers = false
        strays.removeAll()
        metOpenPort = []
        firstAsker = regular
        answeredFirst = nil
        while Self.nowNs() < untilNs {
            if server.hasEnded { return .not(server.ending() ?? "it ended") }
            // Questions before the port is open cannot be answered; they are sent nevertheless,
            // because a port may be served that this host's tables do not show.
            let sockets = try awaitPort(withinNs: Self.askEveryNs)
            let askedNs = Self.nowNs()
            if let sockets, sockets > 0 {
                hadPort = true
                metOpenPort.append(number + 1)
            }
            // The question is repeated soon, and a late answer counts.
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
            // A closed port causes a reset at once, which must not become a tight loop.
            if sockets != 0 { try rest(ns: askedNs + Self.askEveryNs - Self.nowNs()) }
        }
        return .not(silence())
    }

    /// Waits for an open port.
    /// - Returns: The number of sockets when there is one, or at the end of the time.
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
            return text.request == nil
                ? "it answers, but with something else than it was asked: it is no echo server"
                : "it answers, but no datagram of it answers the request by --answer"
        }
        if openSockets == 0 { return "nothing has the port \(target.port) of \(target.host)" }
        if server.isFar {
            return
                "it has its port, and no answer came back: try the way there with \"udplab doctor "
                + "--plan\""
        }
        let place =
            isLocal
            ? "no answer came back to the sender, or to any free port of this host"
            : "no answer came back"
        return place
    }

    /// The fault that keeps this host from asking the server at all; nil if a question was sent.
    var hostFault: String? {
        guard regular.sent == 0 else { return nil }
        return regular.sendFault.map { "\($0)" }
    }

    /// The length of a question that tests health: the largest payload if smaller ones shorten
    /// later answers.
    private var healthBytes: Int { shrinks ? PayloadTrials.largestBytes : 32 }

    /// Whether the server answers, after a restart if necessary. A server whose receive length
    /// depends on earlier datagrams is restarted for each datagram.
    func isReady(_ restarts: inout Int) throws -> Bool {
        if shrinks, server.isOwn { return try bringBack().health == .answers }
        if !isDamaged, !server.hasEnded, try askPlainly() != nil { return true }
        if server.isOwn {
            restarts += 1
            return try bringBack().health == .answers
        }
        return try awaitHealth(mayLookForAnswers: false) == .answers
    }

    /// Restarts the server and waits until it answers. If the program exits, it is started once
    /// more if the port is then free: another program may have had the port for that moment, as
    /// another battery that searches for answers does.
    /// - Returns: The health, and the reason why the first start ended, if there was a second one.
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

    /// Restarts a server that the battery started.
    func restart() throws {
        server.stop()
        drain()
        isDamaged = false
        settledSockets = nil
        try server.start()
    }
}
