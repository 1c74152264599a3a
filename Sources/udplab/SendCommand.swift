import ArgumentParser
import Datagrams
import Glibc
import JSON
import Lab
import Loops
import Plans
import Reports
import Terminal

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send datagrams that you type, and show the answers.",
        discussion: """
            Examples:
              udplab send 127.0.0.1:7788 hello
              udplab send localhost:7788 < lines.txt      a datagram per line
              udplab send [::1]:7788 --hex "00 01 ff"
              udplab send 127.0.0.1:7788 --file message.bin
              udplab send 127.0.0.1:7788 --encoding UTF-16LE hello
              udplab send 127.0.0.1:7788 hello --count 10 --interval 200ms
              udplab send 127.0.0.1:7788 hello --on-reset backoff --attempts 8

            The words are one datagram, with a space between them; without words, each line of \
            standard input is one. --file sends a file's bytes as one datagram, or each of its \
            lines. Answers go to standard output, with unprintable characters \
            escaped; everything else goes to standard error, at the end a summary if there was \
            more than one datagram. A round trip is from before the send call to after the \
            receive call.

            After a datagram without an answer within --wait the next one is sent from another \
            port, so that a late answer is recognised. With --from the port stays: then \
            the content distinguishes the answers, and if it does not, no round trip is given.

            Exit codes: 0 every datagram was answered (or sent, with --wait 0) · 99 the port is \
            closed · 75 no answer came, or the datagram could not be sent · 64 the address or the \
            datagram is invalid · 105 stopped by a signal.
            """)

    @Argument(help: ArgumentHelp("HOST:PORT or [IPV6]:PORT.", valueName: "host:port"))
    var target: String

    @Argument(help: "The words of the datagram.")
    var text: [String] = []

    @Option(
        help: ArgumentHelp(
            "Send the bytes of this file as one datagram, unchanged; - is standard input.",
            valueName: "path"))
    var file: String?

    @Flag(help: "With --file, send each line as a datagram.")
    var lines = false

    @Flag(help: "Read and show datagrams as hexadecimal digits.")
    var hex = false

    @OptionGroup var encoding: EncodingOption

    @Option(
        help: ArgumentHelp(
            "The port to send from; by default the system picks one.", valueName: "port"))
    var from: UInt16 = 0

    @Option(help: ArgumentHelp("Send each datagram this many times.", valueName: "number"))
    var count = 1

    @Option(
        help: ArgumentHelp(
            "With --count, the minimum time between two sends.", valueName: "duration"))
    var interval = "1s"

    @Option(
        help: ArgumentHelp(
            "How long to wait for the answer; 0 does not wait.", valueName: "duration"))
    var wait = "1s"

    @Option(
        help: """
            The reaction to a closed port: none (report it), once (send once more), always, or \
            backoff (with pauses from 10 ms to 1 s).
            """)
    var onReset = ResetChoice.none

    @Option(help: "The maximum number of sends of a datagram with --on-reset always or backoff.")
    var attempts = 5

    func validate() throws {
        if let port = text.first, UInt16(port) != nil, !target.contains(":") {
            throw ValidationError(
                "\"\(target.shown)\" names no port; did you mean \"\(target.shown):\(port)\"?")
        }
        try TypedOption.checkTarget(target)
        _ = try waitNs()
        _ = try intervalNs()
        guard file == nil || text.isEmpty else {
            throw ValidationError("either words are sent, or --file")
        }
        guard file != nil || !lines else {
            throw ValidationError("--lines goes with --file; without it lines are what is sent")
        }
        guard encoding.encoding == nil || !hex else {
            throw ValidationError("either --hex or --encoding: digits have no encoding")
        }
        _ = try words(encoding.open())
        guard (1...1_000_000).contains(count) else {
            throw ValidationError("--count is 1 to 1000000")
        }
        guard (1...1_000).contains(attempts) else {
            throw ValidationError("--attempts is 1 to 1000")
        }
    }

    private func waitNs() throws(ValidationError) -> Int64 {
        try TypedOption.durationNs(wait, "--wait", to: "1h")
    }

    private func intervalNs() throws(ValidationError) -> Int64 {
        try TypedOption.durationNs(interval, "--interval", to: "1h")
    }

    private func words(_ encoding: TextEncoding?) throws(ValidationError) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        return try DatagramText.octets(DatagramText.typed(text), isHex: hex, in: encoding)
    }

    /// Returns the single datagram of the command line; nil if lines are sent.
    private func datagram(_ encoding: TextEncoding?) throws(ValidationError) -> [UInt8]? {
        if let file, !lines { return try DatagramFile.whole(file) }
        return try words(encoding)
    }

    func run() async throws {
        let interruption = Interruption()
        let encoding = try encoding.open()
        let datagram = try datagram(encoding)
        let input = LineInput(try lines ? file.map(DatagramFile.open) ?? 0 : 0)
        do {
            try interruption.install()
            let address = try TypedTarget.resolve(target)
            var exchange = try Exchange(target: address, fromPort: from)
            Console.say("to \(address) from port \(exchange.source.port)")
            var tally = SendTally()
            let waitNs = try waitNs()
            let status =
                if let datagram {
                    try repeatedly(
                        datagram, waitNs, encoding, over: &exchange, interruption, &tally)
                } else {
                    try sendLines(
                        of: input, waitNs, encoding, over: &exchange, interruption, &tally)
                }
            if interruption.isRequested { Console.clearInterrupt() }
            if tally.sent > 1, waitNs > 0 { Console.say(tally.sentence()) }
            throw ExitCode(interruption.isRequested ? ExitStatus.stopped.rawValue : status.rawValue)
        } catch let error where !(error is ExitCode) {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }

    private func sendLines(
        of input: LineInput, _ waitNs: Int64, _ encoding: TextEncoding?,
        over exchange: inout Exchange, _ interruption: Interruption, _ tally: inout SendTally
    ) throws -> ExitStatus {
        var input = input
        if Console.inputIsTerminal, !lines {
            Console.say("each line is a datagram; Ctrl-D ends")
        }
        var statuses: Set<ExitStatus> = []
        while !interruption.isRequested {
            switch input.next(waitMs: 50) {
            case .nothing: showWaiting(&exchange, interruption, encoding, &tally)
            case .end: return Self.gravest(statuses)
            case .tooLong:
                Console.say("a line that is longer than a datagram was not sent")
                statuses.insert(.inconclusive)
            case .line(let line):
                showWaiting(&exchange, interruption, encoding, &tally)
                do throws(ValidationError) {
                    let octets = try DatagramText.octets(line, isHex: hex, in: encoding)
                    statuses.insert(
                        try repeatedly(
                            octets, waitNs, encoding, over: &exchange, interruption, &tally))
                } catch {
                    Console.say("not sent: \(error.message)")
                    statuses.insert(.inconclusive)
                }
            }
        }
        return Self.gravest(statuses)
    }

    /// Returns the most severe status. A closed port is certain; silence is undecided.
    private static func gravest(_ statuses: Set<ExitStatus>) -> ExitStatus {
        if statuses.contains(.failed) { return .failed }
        return statuses.contains(.inconclusive) ? .inconclusive : .passed
    }

    /// Shows answers that arrived late, before the next datagram; at most so many that a peer's
    /// endless stream cannot block it.
    private func showWaiting(
        _ exchange: inout Exchange, _ interruption: Interruption, _ encoding: TextEncoding?,
        _ tally: inout SendTally
    ) {
        for _ in 0..<Self.shownInARow where !interruption.isRequested {
            guard let aside = exchange.waiting() else { break }
            show(aside, exchange.target, encoding, &tally)
        }
    }

    private static let shownInARow = 1_000

    /// Sends a datagram `--count` times.
    private func repeatedly(
        _ octets: [UInt8], _ waitNs: Int64, _ encoding: TextEncoding?,
        over exchange: inout Exchange, _ interruption: Interruption, _ tally: inout SendTally
    ) throws(ValidationError) -> ExitStatus {
        let clock = LinuxClock()
        let intervalNs = try intervalNs()
        var statuses: Set<ExitStatus> = []
        for number in 1...count {
            let nextNs = clock.nowNs() + intervalNs
            statuses.insert(
                send(octets, waitNs, encoding, over: &exchange, interruption, &tally))
            guard number < count, !interruption.isRequested else { break }
            pause(untilNs: nextNs, interruption)
            showWaiting(&exchange, interruption, encoding, &tally)
        }
        return Self.gravest(statuses)
    }

    /// Sends one datagram until it is answered or the policy ends the attempts.
    private func send(
        _ octets: [UInt8], _ waitNs: Int64, _ encoding: TextEncoding?,
        over exchange: inout Exchange, _ interruption: Interruption, _ tally: inout SendTally
    ) -> ExitStatus {
        var state = RetryState(onReset.policy)
        let target = exchange.target
        let number = tally.begin()
        for attempt in 1... {
            let outcome = exchange.ask(octets, number: number, waitNs: waitNs) {
                !interruption.isRequested
            } onAside: {
                show($0, target, encoding, &tally)
            }
            switch outcome {
            case .answered(let answer):
                let remark = answer.rttNs == nil ? "or to an earlier datagram" : nil
                show(answer, encoding, remark)
                tally.answer(rttNs: answer.rttNs)
                return .passed
            case .silent where waitNs == 0: return .passed
            case .silent:
                Console.say("no answer from \(target) within \(UnitText.time(ns: Double(waitNs)))")
                return .inconclusive
            case .unclear:
                tally.leaveOpen()
                Console.say(
                    "whether \(target) answered datagram \(number) within "
                        + "\(UnitText.time(ns: Double(waitNs))) is unclear: what came may be the "
                        + "answer to an earlier one")
                return .inconclusive
            case .failed(let errno):
                Console.say("\(target): \(Self.text(errno, target))")
                return .inconclusive
            case .cannotReceive(let fault):
                Console.say("udplab: \(fault)")
                return .inconclusive
            case .interrupted: return .inconclusive
            case .closed:
                guard retries(attempt, &state, target, interruption) else { return .failed }
            }
        }
        return .failed
    }

    /// Reports a closed port, and waits according to the policy.
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
        pause(untilNs: atNs, interruption)
        return true
    }

    private func pause(untilNs: Int64, _ interruption: Interruption) {
        let clock = LinuxClock()
        while !interruption.isRequested {
            let leftNs = untilNs - clock.nowNs()
            guard leftNs > 0 else { break }
            DataThread.sleep(ns: min(leftNs, 50_000_000))
        }
    }

    /// Returns an error about a datagram, with the limit if its length is the reason.
    private static func text(_ errno: SystemErrno, _ target: SocketAddress) -> String {
        guard errno == .messageTooLong, let bytes = DatagramSocket.pathMTUBytes(to: target) else {
            return "\(errno)"
        }
        let most = bytes - NamespaceNetwork.headerBytes(isIPv6: target.family == .ipv6)
        return "it does not fit the path's MTU of \(UnitText.count(bytes)) B (\(errno)): at most "
            + "\(UnitText.count(most)) B do"
    }

    private func show(
        _ aside: Exchange.Aside, _ target: SocketAddress, _ encoding: TextEncoding?,
        _ tally: inout SendTally
    ) {
        switch aside {
        case .port(let port): Console.say("from port \(port) now")
        case .failed(let number, let errno):
            Console.say("datagram \(number) did not arrive: \(Self.text(errno, target))")
        case .answer(let answer):
            switch answer.standing {
            case .due: show(answer, encoding)
            case .late(let number):
                tally.answerLate(rttNs: answer.rttNs)
                show(answer, encoding, "the answer to datagram \(number), too late")
            case .unclear: show(answer, encoding, "to this datagram or an earlier one")
            case .again(let number, let isUnclear):
                if isUnclear { tally.withdraw(number) }
                show(answer, encoding, "a further answer to datagram \(number) or an earlier one")
            case .unasked: show(answer, encoding, "unasked")
            case .elsewhere: show(answer, encoding, "not from whom was asked")
            }
        }
    }

    private func show(
        _ answer: Exchange.Answer, _ encoding: TextEncoding?, _ remark: String? = nil
    ) {
        let time = answer.rttNs.map { " in \(UnitText.time(ns: Double($0)))" } ?? ""
        let remark = remark.map { " (\($0))" } ?? ""
        Console.result(
            "\(UnitText.count(answer.octets.count)) B from \(answer.source)\(time)\(remark): "
                + DatagramText.shown(answer.octets, isHex: hex, in: encoding) + "\n")
    }
}
