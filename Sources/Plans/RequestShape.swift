import JSON
import Load
import Reports

/// The keys of a sender's `request`.
enum RequestShape {
    static let text = Field.optional(
        "text", pattern(such: "PING {seq}", as: .text),
        "The request as text, in UTF-8. \(placeholders)")
    static let hex = Field.optional(
        "hex", pattern(such: "01 00 {seq:be16}", as: .hex),
        "The request as pairs of hexadecimal digits, with the same placeholders.")
    static let file = Field.optional(
        "file", .path(such: "request.bin"),
        "A file with the request, relative to the folder of the plan, with the same placeholders.")
    static let dns = Field.optional(
        "dns", dnsShape,
        "A DNS query (RFC 1035 §4): the answer is told by its id, and is right if it is a "
            + "response without an error code.")
    static let statsd = Field.optional(
        "statsd", metric, "A counter of statsd, which answers nothing, by its name.")
    static let syslog = Field.optional(
        "syslog", message,
        "A syslog message (RFC 5424 §6), which nothing answers, by its text.")
    static let sipOptions = Field.optional(
        "sip-options", uri,
        "A SIP OPTIONS request (RFC 3261 §11) to a URI: the answer is told by its Call-ID, and is "
            + "right with status 200.")

    static let object = ObjectShape(
        name: "a request",
        fields: [
            text.declaration, hex.declaration, file.declaration, dns.declaration,
            statsd.declaration, syslog.declaration, sipOptions.declaration,
        ],
        rules: [.exactlyOneOf(forms, why: "one of them is the request")])

    private static let forms = ["text", "hex", "file", "dns", "statsd", "syslog", "sip-options"]

    private static let placeholders =
        "Placeholders: \"{seq}\" is the number of the request in decimal digits, \"{seq:be16}\" "
        + "and \"{seq:be32}\" its low bits in network byte order, \"{run:hex8}\" eight digits of "
        + "the run and the flow, \"{random:N}\" N random characters (bytes in \"hex\"), \"{time:ms}\" the time "
        + "of sending in milliseconds since 1970."

    /// A request, or several in turn.
    static let shape: Shape<[RequestDraft]> = {
        let keys = Shape<RequestDraft>(schema: object.schema, example: "{…}", read: read)
        let word = Shape<RequestDraft>(
            schema: .schema(["enum": .array(NamedRequests.words.map { .string($0) })]),
            example: "\"coap-ping\""
        ) { node, problems in
            problems.choice(node, among: NamedRequests.words).flatMap(NamedRequests.draft)
        }
        let one = Shape<RequestDraft>.short(word, or: keys).referring(to: "request")
        let several = Shape.array(of: one, named: "requests", count: PlanLimits.requests)
        let schema = JSONValue.schema(["anyOf": .array([one.schema, several.schema])])
        return Shape(schema: schema, example: "{…}") { node, problems in
            if case .array = node.content { return several.read(node, problems) }
            return one.read(node, problems).map { [$0] }
        }
    }()

    /// The definition of one request in the schema.
    static let definition = JSONValue.schema([
        "anyOf": .array([
            .schema(["enum": .array(NamedRequests.words.map { .string($0) })]), object.schema,
        ])
    ])

    @Sendable private static func read(
        _ node: JSONNode, _ problems: JSONProblems
    ) -> RequestDraft? {
        guard let keys = Self.object.values(of: node, problems) else { return nil }
        let drafts = [
            keys(text).map { RequestDraft(name: "text", template: $0) },
            keys(hex).map { RequestDraft(name: "hex", template: $0) },
            keys(file).flatMap { content(of: $0, keys) },
            keys(dns), keys(statsd), keys(syslog), keys(sipOptions),
        ].compactMap { $0 }
        return drafts.count == 1 ? drafts[0] : nil
    }

    private static func content(of path: String, _ object: ObjectValues) -> RequestDraft? {
        let problems = object.problems
        let plan = problems.file(of: object.node[file.key] ?? object.node)
        let place = DelayTrace.place(of: path, besides: plan)
        problems.note(fileRead: place)
        do throws(PlanError) {
            let reader = BoundedFile(what: "a request", bytesMax: RequestText.bytesMost)
            let bytes = try reader.planBytes(of: place)
            do throws(JSONComplaint) {
                return RequestDraft(
                    name: "file", template: try RequestText.read(bytes, as: .file))
            } catch {
                object.report("\(place.shown): \(error.message)", at: file.key)
            }
        } catch {
            object.report(error.description, at: file.key)
        }
        return nil
    }

    // MARK: - The forms

    private static func pattern(
        such example: String, as form: RequestText.Form
    ) -> Shape<BytePattern> {
        .converted(schema: .schema(["type": .string("string")]), example: example) {
            text throws(JSONComplaint) in try RequestText.read(Array(text.utf8), as: form)
        }
    }

    static let dnsName = Field.required(
        "name", .line(such: "www.example.com"),
        "The name that is asked for; a label may have \"{random:N}\".")
    static let dnsType = Field.optional(
        "type", .choice(NamedRequests.dnsTypes), "The type that is asked for.", absent: 1,
        written: .string("A"))
    static let dnsObject = ObjectShape(
        name: "a DNS query", fields: [dnsName.declaration, dnsType.declaration])

    private static let dnsShape = Shape<RequestDraft>.object(dnsObject) { keys in
        let values = (keys(dnsName), keys(dnsType))
        guard let name = values.0, let type = values.1 else { return nil }
        do throws(JSONComplaint) {
            return try NamedRequests.dns(name: name, type: type)
        } catch {
            keys.report(error.message, at: dnsName.key)
            return nil
        }
    }

    private static let metric = Shape<String>.text(
        pattern: "^[^:|@\\u0000-\\u0020]{1,255}$", example: "udplab.requests",
        rule: "the name of a metric has 1 to 255 characters, no blank and none of : | @"
    ) { name in
        (1...255).contains(name.unicodeScalars.count)
            && name.unicodeScalars.allSatisfy {
                $0.value > 32 && !":|@".unicodeScalars.contains($0)
            }
    }.map(NamedRequests.statsd)

    private static let message = Shape<RequestDraft>.converted(
        schema: .schema(["type": .string("string")]), example: "request {seq}"
    ) { text throws(JSONComplaint) in
        let wanted = try RequestText.read(Array(text.utf8), as: .text)
        guard let draft = NamedRequests.syslog(message: text) else {
            throw JSONComplaint("\(wanted.bytesMost) B are too long for a syslog message")
        }
        return draft
    }

    private static let uri = Shape<String>.text(
        pattern: "^sips?:[^<>\\u0000-\\u0020]{1,255}$", example: "sip:alice@example.com",
        rule: "a SIP URI begins with sip: and has no blank and no < or >"
    ) { uri in
        (uri.hasPrefix("sip:") || uri.hasPrefix("sips:")) && uri.unicodeScalars.count < 256
            && uri.unicodeScalars.allSatisfy {
                $0.value > 32 && !"<>".unicodeScalars.contains($0)
            } && uri.split(separator: ":").count > 1
    }.map(NamedRequests.sipOptions)
}

extension Shape where Value == String {
    /// A line of text without control characters.
    static func line(such example: String) -> Shape {
        text(
            pattern: "^[^\\u0000-\\u001f]{1,255}$", example: example,
            rule: "a text here has 1 to 255 characters and no control characters"
        ) { text in
            (1...255).contains(text.unicodeScalars.count)
                && text.unicodeScalars.allSatisfy { $0.value >= 32 }
        }
    }
}

extension ObjectRule {
    /// Requires exactly one of several keys.
    static func exactlyOneOf(_ keys: [String], why: String) -> ObjectRule {
        ObjectRule(schema: .schema(["oneOf": .array(keys.map { .requiring($0) })])) { object in
            let given = keys.filter(object.has)
            if given.count > 1 {
                object.report(
                    "\(given[0].quoted) and \(given[1].quoted) exclude each other: \(why)",
                    at: given[1])
            } else if given.isEmpty, !object.misspells(keys) {
                object.report("one of \(keys.quotedList) is missing: \(why)")
            }
        }
    }
}
