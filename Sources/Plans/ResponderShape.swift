import Impairment
import JSON
import Load

/// The keys of a responder.
enum ResponderShape {
    static let behaviour = Field.optional(
        "behaviour",
        Shape<OwnResponder.Behaviour>.choice([
            "echo": .echo, "sink": .sink, "chat": .chat, "stamp": .stamp,
        ]),
        "The behaviour of udplab's own responder: \"echo\" sends every probe back verbatim "
            + "(RFC 862), \"sink\" counts and answers nothing, \"chat\" is a room, \"stamp\" a "
            + "Session-Reflector (RFC 8762). Either this or \"command\".")
    static let command = Field.optional(
        "command", .array(of: .commandWord, named: "words", count: PlanLimits.commandWords),
        "A program of the user's with its arguments; {host} and {port} are replaced, and no "
            + "shell is involved. Either this or \"behaviour\".")
    static let address = Field.optional(
        "address",
        Shape<TargetAddress>.converted(
            schema: TargetAddress.responderSchema, example: "127.0.0.1:0", responderAddress),
        "The address on this host; port 0 is a free port that udplab picks.",
        absent: defaultAddress, written: .string(defaultAddress.text))
    static let receiveBuffer = Field.optional(
        "receive_buffer", .quantity(PlanLimits.receiveBuffer, example: "1MiB"),
        "The receive buffer (SO_RCVBUF) that udplab's own responder asks for.")
    static let threads = Field.optional(
        "threads", .integer(PlanLimits.threads, example: 2),
        "The threads of udplab's own responder, each with a socket of its own at the address.",
        absent: 1, written: .integer(1))
    static let instances = Field.optional(
        "instances", .integer(PlanLimits.instances, example: 4),
        "The number of processes of the responder, each at a free port of its own; the flows "
            + "of every sender are distributed among them.", absent: 1, written: .integer(1))
    static let onReset = Field.optional(
        "on_reset", .resetPolicy,
        "The retry policy of udplab's own responder after a reset; when the policy gives up, "
            + "the responder closes its port.", absent: RetryPolicy.always,
        written: .string("always"))
    static let socket = Field.optional(
        "socket",
        Shape<SocketKind>.choice([
            "unconnected": .unconnected, "unconnected_recverr": .unconnectedRecverr,
        ]),
        "Which resets reach udplab's own responder: \"unconnected\", the default, none; "
            + "\"unconnected_recverr\", the default beside \"on_reset\", those of every peer, "
            + "as on Windows (10054).")
    static let readyTimeout = Field.optional(
        "ready_timeout", .quantity(PlanLimits.readyTimeout, example: "5s"),
        "The longest time until a command answers for the first time.",
        absent: 5_000_000_000, written: .string("5s"))
    static let outputLines = Field.optional(
        "output_lines", .integer(PlanLimits.outputLines, example: 20),
        "The number of last lines of a command's output that a failure shows.",
        absent: 20, written: .integer(20))

    static let replyPayload = Field.optional(
        "reply_payload", .quantity(PlanLimits.payload, example: "1200B"),
        "The UDP payload of every answer of an \"echo\", so that questions and answers are of "
            + "unequal sizes; without it each answer is its probe.")

    static let replyDelay = Field.optional(
        "reply_delay", Shape<DelayModel>.delay,
        "The time for which an \"echo\" holds each answer, as a service that works on it: a time, "
            + "or a model with the keys of a network's \"delay\". Round-trip times include it, "
            + "\"service\" in the report has the times that were really held.")

    static let host = Field.optional(
        "host", .name("b"),
        "The host on which it runs, at the address that the network says; without it this host.")

    static let object = ObjectShape(
        name: "a responder",
        fields: [
            behaviour.declaration, command.declaration, address.declaration, host.declaration,
            receiveBuffer.declaration, threads.declaration, instances.declaration,
            onReset.declaration, socket.declaration, readyTimeout.declaration,
            outputLines.declaration, replyPayload.declaration, replyDelay.declaration,
            StampShape.keyFile.declaration, StampShape.format.declaration,
            StampShape.extensions.declaration,
        ],
        later: ["allow"],
        rules: [
            .exactlyOne(
                "behaviour", "command",
                why: "a responder is udplab's own or a program of the user's"),
            .onlyBeside(
                "behaviour", "receive_buffer", why: "a command sets its socket up itself"),
            .onlyBeside("behaviour", "threads", why: "a command has threads of its own"),
            .onlyBeside("behaviour", "on_reset", why: "a command retries as it likes"),
            .onlyBeside("behaviour", "socket", why: "a command sets its socket up itself"),
            .neverWhere("behaviour", is: "sink", "on_reset", why: noResets),
            .neverWhere("behaviour", is: "sink", "socket", why: noResets),
            .onlyBeside(
                "command", "ready_timeout", why: "udplab's own responder says when it is ready"),
            .onlyBeside(
                "command", "output_lines", why: "udplab's own responder has no output"),
            .neverBeside(
                "host", "address", why: "the network says \"at\" which address the host has"),
            commandLearnsItsPort,
            instancesOfSinksAreMembers,
            .neverWhere("behaviour", is: "chat", "instances", why: "a room is one process"),
            instancesHaveFreePorts,
            .onlyWhere(
                "behaviour", is: "stamp", StampShape.keyFile.key, why: noStamps),
            .onlyWhere("behaviour", is: "stamp", StampShape.format.key, why: noStamps),
            .onlyWhere("behaviour", is: "stamp", StampShape.extensions.key, why: noStamps),
            .onlyWhere("behaviour", is: "echo", replyPayload.key, why: noAnswers),
            .onlyBeside("behaviour", replyPayload.key, why: "a command answers as it likes"),
            .onlyWhere("behaviour", is: "echo", replyDelay.key, why: noAnswers),
            .onlyBeside("behaviour", replyDelay.key, why: "a command answers when it likes"),
            .onlyBeside("behaviour", StampShape.keyFile.key, why: noStamps),
            .onlyBeside("behaviour", StampShape.format.key, why: noStamps),
            .onlyBeside("behaviour", StampShape.extensions.key, why: noStamps),
        ])

    private static let noStamps = "the others answer with what they are sent"
    private static let noAnswers = "the others answer as they have to, or nothing"
    private static let noResets = "it sends nothing that could bounce"

    static func read(
        name: String, _ node: JSONNode, _ problems: JSONProblems
    ) -> ResponderDefinition? {
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let (behaviour, command) = (keys(Self.behaviour), keys(Self.command))
        let (address, buffer) = (keys(Self.address), keys(Self.receiveBuffer))
        let (timeout, lines) = (keys(Self.readyTimeout), keys(Self.outputLines))
        let (onReset, socket) = (keys(Self.onReset), keys(Self.socket))
        guard let address, let threads = keys(Self.threads), let instances = keys(Self.instances),
            let timeout, let lines, let onReset
        else { return nil }
        let stamp = StampShape.settings(
            keys, hasFolder: !keys.has(host.key), isStateful: true)
        let seesResets = keys.has(Self.onReset.key)
        let (replyBytes, replyDelay) = (keys(replyPayload), keys(Self.replyDelay))
        let kind: ResponderDefinition.Kind
        switch (behaviour, command) {
        case (let behaviour?, nil):
            var own = OwnResponder(
                behaviour, receiveBufferBytes: buffer, threads: threads, onReset: onReset,
                socket: socket ?? (seesResets ? .unconnectedRecverr : .unconnected),
                stamp: behaviour == .stamp ? stamp : nil)
            own.replyBytes = replyBytes
            kind = .own(own)
        case (nil, let words?):
            kind = .command(.init(words: words, readyTimeoutNs: timeout, outputLines: lines))
        default: return nil
        }
        var definition = ResponderDefinition(
            name: name, kind: kind, address: address, instances: instances, host: keys(host))
        definition.replyDelay = replyDelay
        return definition
    }

    private static let defaultAddress: TargetAddress = {
        guard let address = try? responderAddress("127.0.0.1:0") else {
            preconditionFailure("the default address of a responder is not legal")
        }
        return address
    }()

    @Sendable private static func responderAddress(
        _ text: String
    ) throws(JSONComplaint) -> TargetAddress {
        let address = try TargetAddress(text, ports: 0...Int(UInt16.max), mayBeGroup: true)
        if address.isGroup, address.port == 0 {
            throw JSONComplaint(
                "\(text.quoted) is a group, whose members have one port: give it one, e.g. 5000")
        }
        if address.isUnix || address.isGroup { return address }
        guard case .literal(let bytes, zone: nil) = address.host,
            bytes[0] == 127 || bytes == [UInt8](repeating: 0, count: 15) + [1]
        else {
            throw JSONComplaint(
                "\(text.quoted) is not of 127.0.0.0/8 or [::1]: a responder listens on "
                    + "loopback, or at a Unix socket such as \"unix:@echo\"; to load another address, use a network of kind \"path\""
            )
        }
        return address
    }

    /// The rule that a command at a free port is given that port.
    private static let commandLearnsItsPort = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string("command")]),
                "properties": .schema([
                    "command": .schema(["items": .schema(["not": mentionsPort])])
                ]),
            ]),
            "then": .schema([
                "required": .array([.string("address")]),
                "properties": .schema([
                    "address": .schema(["not": .schema(["pattern": .string(":0$")])])
                ]),
            ]),
        ])
    ) { object in
        guard case .array(let words)? = object.node[command.key]?.content,
            !words.contains(where: mentionsPort)
        else { return }
        if case .string(let text)? = object.node[address.key]?.content,
            !text.hasSuffix(":0")
        {
            return
        }
        object.report(
            "the command never learns which port is free: put {port} into its arguments, "
                + "or the port that it uses into \"address\"", at: command.key)
    }

    /// The rule that several processes have free ports, because they cannot share one.
    private static let instancesHaveFreePorts = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string("instances")]),
                "properties": .schema(["instances": .schema(["minimum": .integer(2)])]),
            ]),
            "then": .schema([
                "properties": .schema([
                    "address": .schema(["pattern": .string(":0$|\(TargetAddress.groupPattern)")])
                ])
            ]),
        ])
    ) { object in
        guard case .integer(let count)? = object.node[instances.key]?.value, count > 1,
            case .string(let text)? = object.node[address.key]?.content, !text.hasSuffix(":0"),
            !isGroup(object)
        else { return }
        object.report(
            "\(count) instances cannot share the port of \(text.quoted): use port 0, and each "
                + "gets a free one", at: address.key)
    }

    /// The rule that several sinks are members of a group.
    private static let instancesOfSinksAreMembers = ObjectRule(
        schema: .schema([
            "if": .schema([
                "required": .array([.string(instances.key), .string("behaviour")]),
                "properties": .schema(["behaviour": .schema(["const": .string("sink")])]),
            ]),
            "then": .schema([
                "required": .array([.string(address.key)]),
                "properties": .schema([
                    address.key: .schema(["pattern": .string(TargetAddress.groupPattern)])
                ]),
            ]),
        ])
    ) { object in
        guard object.has(instances.key), object.node["behaviour"]?.value == .string("sink"),
            !isGroup(object)
        else { return }
        object.report(
            "\"instances\" does not go with \"behaviour\": \"sink\": the figures of several sinks "
                + "could not be made one, unless they are members of a group", at: instances.key)
    }

    /// Whether an address that is no mistake by itself is of a group.
    private static func isGroup(_ object: ObjectValues) -> Bool {
        guard case .string(let text)? = object.node[address.key]?.content else { return false }
        return (try? responderAddress(text))?.isGroup == true
    }

    private static let mentionsPort = JSONValue.schema([
        "type": .string("string"), "pattern": .string("[{]port[}]"),
    ])

    @Sendable private static func mentionsPort(_ word: JSONNode) -> Bool {
        guard case .string(let text) = word.content else { return false }
        return ResponderDefinition.Command.mentionsPort(text)
    }
}

extension Shape where Value == String {
    /// A word of a command. A NUL would end it for the program.
    static let commandWord = word(such: "python3")

    /// A word of a command.
    /// - Parameter example: One for messages.
    static func word(such example: String) -> Shape {
        text(
            pattern: "^[^\\u0000]{1,\(PlanLimits.commandWordBytesMax)}$", example: example,
            rule: "a word of a command has 1 to \(PlanLimits.commandWordBytesMax) characters and "
                + "no NUL"
        ) { word in
            (1...PlanLimits.commandWordBytesMax).contains(word.unicodeScalars.count)
                && !word.utf8.contains(0)
        }
    }
}
