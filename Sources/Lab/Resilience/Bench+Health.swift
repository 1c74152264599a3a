import Datagrams
import Glibc

/// What a trial did to the server, as a clause that begins with "it".
struct Damage {
    enum Kind { case died, closed, stalled }

    let kind: Kind
    let text: String
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

    /// Octets that wait in the server's receive buffers; 0 where that is not known.
    var backlogBytes: Int { isLocal ? PortUse.load(on: target)?.queuedBytes ?? 0 : 0 }

    /// Datagrams that the server's full receive buffers have refused; nil where not known.
    var serverDrops: Int? { isLocal ? PortUse.load(on: target)?.drops : nil }

    /// Sockets that have the server's port; nil where that is not known.
    var openSockets: Int? { isLocal ? PortUse.load(on: target)?.sockets : nil }

    /// - Returns: nil while the server answers.
    func damage() throws -> Damage? {
        isDamaged = false
        let untilNs = Self.nowNs() + Self.backlogNs
        let firstNumber = number + 1
        var attempt = 0
        var backlog = Int.max
        while !server.hasEnded {
            if try askPlainly(attempts: 1, patienceNs: Self.patienceNs / 2) != nil { return nil }
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
        let what = server.isOwn ? "it runs and" : "it"
        return Damage(kind: .stalled, text: "\(what) answers nothing any more")
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
        strays.removeAll()
        while Self.nowNs() < untilNs {
            if server.hasEnded { return .not(server.ending() ?? "it ended") }
            let askedNs = Self.nowNs()
            // Asked again soon, and an answer that comes late is one.
            let answer = try askPlainly(
                attempts: 1, patienceNs: Self.askEveryNs, mayBeBusy: false)
            if answer != nil { return .answers }
            if strays.contains(where: { text.number($0.octets) != nil }) { return .answers }
            if openSockets != 0 { openSinceNs = openSinceNs ?? askedNs }
            if let openSockets, openSockets > 0 { hadPort = true }
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
            try rest(ns: askedNs + Self.askEveryNs - Self.nowNs())
        }
        return .not(silence())
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
        guard let fault = regular.hostFault, regular.sent == 0 || fault.call == "recvmsg" else {
            return nil
        }
        return "\(fault)"
    }

    /// Whether the server answers, started anew if it must be.
    func isReady(_ restarts: inout Int) throws -> Bool {
        if !isDamaged, !server.hasEnded, try askPlainly() != nil { return true }
        if server.isOwn {
            restarts += 1
            return try bringBack().health == .answers
        }
        return try awaitHealth(mayLookForAnswers: false) == .answers
    }

    /// Starts the server anew and waits until it answers. A start that ends is tried once more
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

    /// Starts the server anew, where it is the battery's own.
    func restart() throws {
        server.stop()
        drain()
        isDamaged = false
        try server.start()
    }
}
