import Datagrams
import Metrics
import Plans
import Workers

/// The beginning and the end of the line to an agent.
extension AgentLink {
    /// The time limit for the greeting: of a login, or of a queue of a cluster.
    private static let helloWithin = Duration.seconds(60)
    private static let attempts = 3
    private static let restBetweenAttempts = Duration.milliseconds(500)
    /// The number of exchanges of times before the first run.
    private static let exchangesAtStart = 64
    /// The largest number of them after a run.
    private static let exchangesMost = 512
    private static let answerWithin = Duration.seconds(5)
    private static let linesUnwritten = 4_096
    /// The time limit for the end of a worker that was killed.
    private static let killedWithin = Duration.seconds(10)
    /// The time for a launcher to end after its agent.
    private static let closeGrace = Duration.seconds(3)

    /// Launches the agent, and learns its clock.
    /// - Throws: If the host cannot be reached, or has another udplab.
    func open(in crew: WorkerCrew, version: String) async throws(StartError) {
        for attempt in 1...Self.attempts {
            if try await launch(in: crew, mayFail: attempt < Self.attempts) { break }
            try? await host.sleep(for: Self.restBetweenAttempts * attempt)
        }
        guard let hello else { throw StartError("host \"\(name)\" said nothing") }
        try compare(hello, version: version)
        for _ in 0..<Self.exchangesAtStart {
            let answer = askForTime()
            _ = await withDeadline(Self.answerWithin, on: host) { await answer.value() }
            if let loss { throw StartError(loss.sentence) }
        }
        keepLease()
        await askForStatements()
    }

    /// Asks both hosts what they state about their own clocks.
    ///
    /// The statements before and after have to agree: a wall clock that was stepped meanwhile
    /// contradicts itself.
    private func askForStatements() async {
        let here = await host.clockStatement()
        let there = await withDeadline(Self.answerWithin * 2, on: host) {
            await self.clockStatement()
        }
        state.withLock { state in
            let before = state.statements
            state.statements = (here, there ?? nil)
            func since(_ before: ClockStatement?, _ now: ClockStatement?) -> ClockStatement? {
                now.map { before?.until($0) ?? $0 }
            }
            state.stated = StatedOffset.of(
                here: since(before.here, here), there: since(before.there, there ?? nil),
                named: name)
        }
    }

    /// Makes one attempt.
    /// - Parameter mayFail: Whether there will be another one.
    /// - Returns: Whether the agent has said hello.
    private func launch(in crew: WorkerCrew, mayFail: Bool) async throws(StartError) -> Bool {
        let words = definition.launch + [definition.program, "agent"]
        var specification = WorkerSpecification(
            name: "agent of host \(name)", executable: words[0],
            arguments: Array(words.dropFirst()),
            output: .lines { [weak self] line throws(WorkerProtocolViolation) in
                try self?.take(line)
            })
        specification.limits.lineBytes = AgentProtocol.lineBytesLimit
        specification.limits.linesUnwritten = Self.linesUnwritten
        // Before the start: the greeting may be read before the start returns.
        let greeting = Promise<AgentHello?>()
        state.withLock { state in
            state.greeting = greeting
            state.bannerLines = 0
        }
        let launcher: WorkerProcess
        do throws(WorkerError) {
            launcher = try await crew.start(specification)
        } catch {
            throw StartError("host \"\(name)\" cannot be reached: \(error.summary)")
        }
        state.withLock { $0.launcher = launcher }
        _ = host.task { [self] in
            let exit = await launcher.waitForExit()
            guard state.withLock({ $0.launcher === launcher }) else { return }
            let fault = launcher.state.withLock { $0.fault }
            if case .violation(let violation)? = fault { return lose(violation.sentence) }
            if self.hello == nil { return greeting.fulfil(nil) }
            lose("is gone: its launcher \(exit.map { "\($0)" } ?? "ended in an unknown way")")
        }
        let hello = await withDeadline(Self.helloWithin, on: host) {
            await greeting.value() ?? nil
        }
        if hello != nil { return true }
        let exit = launcher.exitIfEnded
        if mayFail, exit != nil, loss == nil { return false }
        state.withLock { $0.launcher = nil }
        await launcher.stop(grace: .zero)
        throw StartError(refusal(of: launcher, exit))
    }

    private func refusal(of launcher: WorkerProcess, _ exit: WorkerExit?) -> String {
        let command = definition.launch.joined(separator: " ")
        let last = launcher.diagnostics.last { !$0.isEmpty }.map { "; its last words: \($0)" } ?? ""
        let how =
            loss.map(\.reason) ?? exit.map { "its launcher \($0)" }
            ?? "its agent did not say hello within \(Self.helloWithin)"
        return
            "host \"\(name)\" cannot be used: \(how)\(last). Try it by hand: \(command) "
            + "\(definition.program) --version"
    }

    private func compare(_ hello: AgentHello, version: String) throws(StartError) {
        guard hello.protocol == AgentProtocol.version else {
            throw StartError(
                "host \"\(name)\" has udplab \(hello.version), which speaks another protocol: "
                    + copyAdvice)
        }
        guard hello.version == version, hello.build == ProgramDigest.own else {
            throw StartError(
                "host \"\(name)\" has another build of udplab (\(hello.version), "
                    + "\(hello.build); here \(version), \(ProgramDigest.own ?? "unknown")): "
                    + copyAdvice)
        }
    }

    private var copyAdvice: String {
        "copy this one there by \"udplab put PLAN \(name)\", which needs its path as \"udplab\" in "
            + "the plan"
    }

    /// Sends a line every second, and takes the host for lost when it says nothing.
    private func keepLease() {
        _ = host.task { [weak self] in
            while let self {
                try? await host.sleep(for: .nanoseconds(AgentProtocol.leaseEveryNs))
                let (phase, heardNs) = state.withLock { ($0.phase, $0.heardNs) }
                guard phase == .up else { return }
                let silenceNs = host.nowNs() - heardNs
                guard silenceNs < AgentProtocol.leaseNs else {
                    return lose(
                        "has said nothing for \(Duration.nanoseconds(AgentProtocol.leaseNs))")
                }
                post(.lease(Lease()))
                _ = askForTime()
            }
        }
    }

    /// Exchanges times once more, for the clock over all runs.
    ///
    /// A busy host answers late, and a late answer leaves much open: exchanges go on until one was
    /// nearly as short as the shortest so far, or for a bounded number.
    func exchangeAgain() async {
        await askForStatements()
        let shortestNs = exchanges.roundTripMinNs ?? 0
        for number in 0..<Self.exchangesMost where loss == nil {
            let answer = askForTime()
            guard await withDeadline(Self.answerWithin, on: host, { await answer.value() }) == true
            else { return }
            let isEnough = number >= Self.exchangesAtStart
            let lastNs = exchanges.shortestOfLast(Self.exchangesAtStart) ?? .max
            if isEnough, lastNs < shortestNs + shortestNs / 2 { return }
        }
    }

    /// Takes the host for lost if it does not say soon that a killed worker has ended.
    func expectEnd(of child: FarChild) {
        _ = host.task { [weak self, weak child] in
            guard let host = self?.host else { return }
            try? await host.sleep(for: Self.killedWithin)
            guard let self, let child, !child.hasExited else { return }
            lose("did not end a worker that was killed within \(Self.killedWithin)")
        }
    }

    /// Ends the agent, whose workers have ended.
    func close() async {
        let launcher = state.withLock { state in
            if state.phase == .up { state.phase = .closing }
            return state.launcher
        }
        await launcher?.stop(grace: Self.closeGrace)
    }
}
