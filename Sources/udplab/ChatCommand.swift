import ArgumentParser
import Datagrams
import Glibc
import Lab
import Loops
import Plans
import Reports
import Terminal

struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Open a room in which every member gets every message, or enter one.",
        discussion: """
            Examples:
              udplab chat --port 7788
              udplab chat --port 7788 --bind 0.0.0.0 --allow 10.0.0.0/8 --idle 30min
              udplab chat --join 127.0.0.1:7788 --name anna
              udplab chat --join 10.0.0.7:7788 --encoding GBK

            A source of a datagram to the room is a member until it is silent for longer than --idle, \
            or its port is found closed. A message goes unchanged to all members, including its \
            sender, which so sees the delivery; --join prints at its end how many of its \
            messages came back. An empty datagram is a join: it makes its source a member and is \
            not delivered. --join begins with one, and an empty line sends another, which keeps \
            a silent member in the room. The room shows every message on standard output with \
            time of day (local, or --utc) and source. At a terminal the line that is being typed \
            stays below what arrives, and is shown once: as the message that comes back.

            Exit codes: 0 ended by Ctrl-C, or the input of --join has ended · 99 the port of --join \
            is closed · 75 the address cannot be bound.
            """)

    @Option(help: "Open a room at this port; 0 picks a free one, which is printed.")
    var port: UInt16?

    @Option(
        help: ArgumentHelp(
            "The room's address on this host: 0.0.0.0 or :: for all of them.",
            valueName: "address"))
    var bind = "127.0.0.1"

    @OptionGroup var permission: AllowOptions

    @Option(
        help: ArgumentHelp(
            "The maximum silence of a member.", valueName: "duration"))
    var idle = "5min"

    @Option(help: ArgumentHelp("The maximum number of members.", valueName: "number"))
    var members = 1_000

    @Option(
        help: ArgumentHelp(
            "Enter this room: send the lines of standard input, show its messages.",
            valueName: "host:port"))
    var join: String?

    @Option(help: ArgumentHelp("Put a name before each line of --join.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "How long --join listens after the end of its input.", valueName: "duration"))
    var wait = "1s"

    @OptionGroup var clock: ClockOption
    @OptionGroup var encoding: EncodingOption

    func validate() throws {
        guard (port == nil) != (join == nil) else {
            throw ValidationError("either --port opens a room, or --join enters one")
        }
        guard (1...100_000).contains(members) else {
            throw ValidationError("--members is 1 to 100000")
        }
        if let join { try TypedOption.checkTarget(join, "--join") }
        _ = try idleNs()
        _ = try waitNs()
        _ = try BindAddress.read(bind, port: port ?? 0)
    }

    private func idleNs() throws(ValidationError) -> Int64 {
        try TypedOption.durationNs(idle, "--idle", from: "1s", to: "24h")
    }

    private func waitNs() throws(ValidationError) -> Int64 {
        try TypedOption.durationNs(wait, "--wait", to: "24h")
    }

    func run() async throws {
        let interruption = Interruption()
        let address = try BindAddress.read(bind, port: port ?? 0)
        let allowed = try permission.ranges()
        let (idleNs, waitNs) = (try idleNs(), try waitNs())
        let encoding = try encoding.open()
        var status = ExitStatus.passed
        do {
            try interruption.install()
            if let join {
                var exchange = try Exchange(target: try TypedTarget.resolve(join), fromPort: 0)
                status = visit(&exchange, waitNs, interruption, encoding)
            } else {
                var server = try ChatServer(
                    address: address, members: members, idleNs: idleNs, allowed: allowed)
                try open(&server, interruption, encoding)
            }
        } catch {
            Console.say("udplab: \(error)")
            status = .inconclusive
        }
        throw ExitCode(status.rawValue)
    }

    // MARK: - The room

    private func open(
        _ server: inout ChatServer, _ interruption: Interruption, _ encoding: TextEncoding?
    ) throws {
        Console.say("a room on \(BindAddress.note(server.address)); Ctrl-C ends it")
        RefusalText.note(bound: server.address, allowed: server.allowed)
        defer { sayEnd(&server) }
        try server.serve {
            !interruption.isRequested
        } show: {
            show($0, encoding)
        }
    }

    private func sayEnd(_ server: inout ChatServer) {
        let counts = server.counts
        Console.clearInterrupt()
        Console.say(
            "messages \(UnitText.count(counts.messages)), "
                + "deliveries \(UnitText.count(counts.deliveries)), "
                + "could not deliver \(UnitText.count(counts.failed)), "
                + "members \(UnitText.count(server.members)) of \(UnitText.count(server.joined)) "
                + "that joined, turned away \(UnitText.count(counts.turnedAway)), "
                + RefusalText.counts(counts.refused)
                + "dropped by a full buffer \(ReceiveText.count(server.drops()))"
                + ReceiveText.errors(server.receiveErrors))
    }

    private func show(_ event: ChatServer.Event, _ encoding: TextEncoding?) {
        switch event {
        case .message(let source, let octets, _):
            let text = DatagramText.shown(octets, isHex: false, in: encoding)
            Console.result("\(clock.now)  \(source)  \(text)\n")
        case .joined(let source, let members): Console.say("\(source) joined; \(count(members))")
        case .left(let source, .portClosed, let members):
            Console.say("\(source) left (its port is closed); \(count(members))")
        case .left(let source, .silent, let members):
            Console.say("\(source) left (silent for \(idle)); \(count(members))")
        case .turnedAway(let source): Console.say("\(source) was turned away: the room is full")
        case .refused(let refusal, let source):
            Console.say(RefusalText.sentence(refusal, source))
        }
    }

    private func count(_ members: Int) -> String {
        "\(UnitText.count(members)) member\(members == 1 ? "" : "s")"
    }

    // MARK: - A visitor

    private func visit(
        _ exchange: inout Exchange, _ waitNs: Int64, _ interruption: Interruption,
        _ encoding: TextEncoding?
    ) -> ExitStatus {
        Console.say("in the room at \(exchange.target) from port \(exchange.source.port)")
        var screen = ChatScreen()
        var said = SaidMessages()
        let status = visit(&exchange, waitNs, interruption, encoding, &screen, &said)
        screen.close()
        if status == .passed, let sentence = said.sentence { Console.say(sentence) }
        return status
    }

    private func visit(
        _ exchange: inout Exchange, _ waitNs: Int64, _ interruption: Interruption,
        _ encoding: TextEncoding?, _ screen: inout ChatScreen, _ said: inout SaidMessages
    ) -> ExitStatus {
        if Console.inputIsTerminal { screen.say("each line is a message; Ctrl-D leaves") }
        // An empty datagram is a join: it makes the visitor a member before any message.
        tell([], &exchange, &screen)
        let clock = LinuxClock()
        var endNs = Int64.max
        while !interruption.isRequested, clock.nowNs() < endNs {
            var entries = [
                pollfd(fd: screen.isAtEnd ? -1 : 0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: exchange.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&entries, nfds_t(entries.count), 50) < 0, errno != EINTR {
                let reason = SystemErrno(rawValue: errno)
                screen.say("udplab: cannot wait for messages (poll): \(reason)")
                return .inconclusive
            }
            if exchange.foundClosed() {
                screen.say("port closed: nobody is at \(exchange.target) any more")
                return .failed
            }
            hear(&exchange, untilNs: endNs, interruption, encoding, &screen, &said)
            if let fault = exchange.fault {
                screen.say("udplab: \(fault)")
                return .inconclusive
            }
            // A typed line is shown when it comes back; without that it must not be lost.
            if screen.isEditing, let octets = said.overdue(atNs: clock.nowNs()) {
                let text = DatagramText.shown(octets, isHex: false, in: encoding)
                screen.say("not delivered so far: \(text)")
            }
            guard entries[0].revents != 0 else { continue }
            say(&exchange, interruption, encoding, &screen, &said)
            if screen.isAtEnd { endNs = clock.nowNs() + waitNs }
        }
        return .passed
    }

    private static let heardInARow = 1_000

    /// Shows the room's messages, but not for as long as an endless stream of them would take.
    private func hear(
        _ exchange: inout Exchange, untilNs: Int64, _ interruption: Interruption,
        _ encoding: TextEncoding?, _ screen: inout ChatScreen, _ said: inout SaidMessages
    ) {
        let clock = LinuxClock()
        for _ in 0..<Self.heardInARow
        where !interruption.isRequested && clock.nowNs() < untilNs {
            guard let aside = exchange.waiting() else { break }
            guard case .answer(let answer) = aside, answer.source == exchange.target else {
                continue
            }
            said.hear(answer.octets)
            let text = DatagramText.shown(answer.octets, isHex: false, in: encoding)
            screen.show("\(self.clock.now)  \(text)")
        }
    }

    /// Sends all lines that are available.
    private func say(
        _ exchange: inout Exchange, _ interruption: Interruption, _ encoding: TextEncoding?,
        _ screen: inout ChatScreen, _ said: inout SaidMessages
    ) {
        let clock = LinuxClock()
        while !interruption.isRequested {
            switch screen.next() {
            case .nothing, .end: return
            case .tooLong: screen.say("a line that is longer than a datagram was not sent")
            case .line(let line):
                let isJoin = line.isEmpty
                let words = isJoin ? [] : (name.map { Array("\($0): ".utf8) } ?? []) + line
                do throws(ValidationError) {
                    let octets = try DatagramText.octets(words, in: encoding)
                    tell(octets, &exchange, &screen)
                    if !isJoin { said.say(octets, atNs: clock.nowNs()) }
                } catch {
                    screen.say("not sent: \(error.message)")
                }
            }
        }
    }

    private func tell(
        _ octets: [UInt8], _ exchange: inout Exchange, _ screen: inout ChatScreen
    ) {
        let outcome = exchange.ask(octets, waitNs: 0) {
            !ProcessControl.isStopRequested
        } onAside: { _ in
        }
        if case .failed(let errno) = outcome { screen.say("not sent: \(errno)") }
    }
}
