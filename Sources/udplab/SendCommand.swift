import ArgumentParser
import Datagrams
import Glibc
import Lab
import Plans
import Reports
import Workers

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send datagrams that you type, and show the answers.",
        discussion: """
            Examples:
              udplab send 127.0.0.1:7788 hello
              udplab send localhost:7788 < lines.txt      a datagram a line
              udplab send [::1]:7788 --hex "00 01 ff"
              udplab send 127.0.0.1:7788 hello --on-reset backoff --attempts 8

            The words are one datagram, with a space between them; without words, each line of \
            standard input is one. Answers go to standard output, with what a terminal would obey \
            escaped; everything else goes to standard error.

            Exit codes: 0 every datagram was answered (or sent, with --wait 0) · 99 the port is \
            closed · 75 no answer came, or the datagram could not be sent · 105 stopped by a \
            signal.
            """)

    @Argument(help: ArgumentHelp("HOST:PORT or [IPV6]:PORT.", valueName: "host:port"))
    var target: String

    @Argument(help: "What to send.")
    var text: [String] = []

    @Flag(help: "What is typed are hexadecimal digits, and so is what is shown.")
    var hex = false

    @Option(help: "The port to send from; by default the system picks one.")
    var from: UInt16 = 0

    @Option(
        help: ArgumentHelp(
            "How long to wait for the answer; 0 does not wait.", valueName: "duration"))
    var wait = "1s"

    @Option(
        help: """
            What to do when the port is closed: none (say so), once (send once more), always, or \
            backoff (with pauses from 10 ms to 1 s).
            """)
    var onReset = ResetChoice.none

    @Option(help: "The most times that one datagram is sent with --on-reset always or backoff.")
    var attempts = 5

    func validate() throws {
        _ = try waitNs()
        _ = try words()
        guard (1...1_000).contains(attempts) else {
            throw ValidationError("--attempts is 1 to 1000")
        }
    }

    private func waitNs() throws(ValidationError) -> Int64 {
        do throws(TypedQuantity.Fault) {
            return try TypedQuantity.durationNs(wait, from: "0s", to: "1h")
        } catch {
            throw ValidationError("--wait: \(error)")
        }
    }

    private func words() throws(ValidationError) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        return try DatagramText.octets(Array(text.joined(separator: " ").utf8), isHex: hex)
    }

    func run() async throws {
        let interruption = Interruption()
        do {
            try interruption.install()
            let address = try TypedTarget.resolve(target)
            var exchange = try Exchange(target: address, fromPort: from)
            Console.say("to \(address) from port \(exchange.source.port)")
            let status = try sendAll(over: &exchange, interruption)
            throw ExitCode(interruption.isRequested ? ExitStatus.stopped.rawValue : status.rawValue)
        } catch let error where !(error is ExitCode) {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }

    private func sendAll(
        over exchange: inout Exchange, _ interruption: Interruption
    ) throws -> ExitStatus {
        let waitNs = try waitNs()
        if let words = try words() { return send(words, waitNs, over: &exchange, interruption) }
        var input = LineInput()
        var statuses: Set<ExitStatus> = []
        while !interruption.isRequested {
            switch input.next(waitMs: 50) {
            case .nothing: showWaiting(&exchange)
            case .end: return Self.gravest(statuses)
            case .tooLong:
                Console.say("a line that is longer than a datagram was not sent")
                statuses.insert(.inconclusive)
            case .line(let line):
                showWaiting(&exchange)
                do throws(ValidationError) {
                    let octets = try DatagramText.octets(line, isHex: hex)
                    statuses.insert(send(octets, waitNs, over: &exchange, interruption))
                } catch {
                    Console.say("not sent: \(error.message)")
                    statuses.insert(.inconclusive)
                }
            }
        }
        return Self.gravest(statuses)
    }

    /// A closed port is known; silence is not knowing.
    private static func gravest(_ statuses: Set<ExitStatus>) -> ExitStatus {
        if statuses.contains(.failed) { return .failed }
        return statuses.contains(.inconclusive) ? .inconclusive : .passed
    }

    /// What came after its time, before the next is asked.
    private func showWaiting(_ exchange: inout Exchange) {
        while let answer = exchange.waiting() { show(answer, "too late or unasked") }
    }

    /// Sends one datagram until it is answered or the policy has had enough.
    private func send(
        _ octets: [UInt8], _ waitNs: Int64, over exchange: inout Exchange,
        _ interruption: Interruption
    ) -> ExitStatus {
        var state = RetryState(onReset.policy)
        let target = exchange.target
        for attempt in 1... {
            let outcome = exchange.ask(octets, waitNs: waitNs) {
                !interruption.isRequested
            } onOther: {
                show($0, "not from whom was asked")
            }
            switch outcome {
            case .answered(let answer):
                show(answer)
                return .passed
            case .silent where waitNs == 0: return .passed
            case .silent:
                Console.say("no answer from \(target) within \(UnitText.time(ns: Double(waitNs)))")
                return .inconclusive
            case .failed(let errno):
                Console.say("\(target): \(errno)")
                return .inconclusive
            case .interrupted: return .inconclusive
            case .closed:
                guard retries(attempt, &state, target, interruption) else { return .failed }
            }
        }
        return .failed
    }

    /// After a closed port: says so, and waits as the policy has it.
    private func retries(
        _ attempt: Int, _ state: inout RetryState, _ target: SocketAddress,
        _ interruption: Interruption
    ) -> Bool {
        let closed = "port closed: \(target) (ICMP port unreachable)"
        let clock = LinuxClock()
        let isBounded = onReset == .always || onReset == .backoff
        let action = state.reset(atNs: clock.nowNs())
        guard action != .end, !(isBounded && attempt >= attempts) else {
            Console.say(closed + (attempt == 1 ? "" : ", after \(attempt) attempts"))
            return false
        }
        guard case .retry(let atNs) = action else {
            Console.say(closed + "; sending it again")
            return true
        }
        let pauseNs = atNs - clock.nowNs()
        Console.say(closed + "; sending it again in \(UnitText.time(ns: Double(pauseNs)))")
        while !interruption.isRequested {
            let leftNs = atNs - clock.nowNs()
            guard leftNs > 0 else { break }
            DataThread.sleep(ns: min(leftNs, 50_000_000))
        }
        return true
    }

    private func show(_ answer: Exchange.Answer, _ remark: String? = nil) {
        let time = answer.rttNs.map { " in \(UnitText.time(ns: Double($0)))" } ?? ""
        let remark = remark.map { " (\($0))" } ?? ""
        Console.result(
            "\(UnitText.count(answer.octets.count)) B from \(answer.source)\(time)\(remark): "
                + DatagramText.shown(answer.octets, isHex: hex) + "\n")
    }
}
