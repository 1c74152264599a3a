import JSON

/// The secrets of a plan, and what outputs have in their place.
package struct HiddenTexts: Sendable, Equatable {
    package static let mark = "•••"
    /// The length in bytes from which a part of a secret at the end of a text is hidden: a text
    /// that was cut off may end, or begin, within a secret.
    private static let partBytesMin = 4

    /// The forms of the secrets, the longest first.
    private let forms: [[UInt8]]

    package var isEmpty: Bool { forms.isEmpty }

    package init(_ secrets: [String] = []) {
        let texts = secrets.filter { !$0.isEmpty }.flatMap { secret in
            let quoted = (try? JSONValue.string(secret).text()) ?? ""
            // As it is, as terminals show it, and as JSON has it between its quotes.
            return [secret, secret.shown, String(quoted.dropFirst().dropLast())]
        }
        let unique = Set(texts.map { Array($0.utf8) }).filter { !$0.isEmpty }
        forms = unique.sorted { $0.count > $1.count || $0.count == $1.count && $0[0] < $1[0] }
    }

    /// Returns a text without the secrets, and without parts of them at its ends.
    package func hiding(in text: String) -> String {
        guard !isEmpty else { return text }
        var bytes = Array(text.utf8)
        var changed = false
        for form in forms { changed = Self.replace(form, in: &bytes) || changed }
        for form in forms { changed = Self.cutEnds(form, of: &bytes) || changed }
        return changed ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// Returns a document without the secrets. Words of the format, numbers and keys stay: a secret
    /// may be `pass`.
    package func hiding(in value: JSONValue, as shape: ReportObject) -> JSONValue {
        isEmpty ? value : hiding(in: value, .object(shape))
    }

    private func hiding(in value: JSONValue, _ shape: ReportShape) -> JSONValue {
        switch (shape, value) {
        case (.text, .string(let text)): return .string(hiding(in: text))
        case (.free, _): return hiding(inAll: value)
        case (.list(let element), .array(let values)):
            return .array(values.map { hiding(in: $0, element) })
        case (.object(let object), .object(let members)):
            return .object(
                members.map { member in
                    let field = object.fields.first { $0.key == member.key }
                    let value = field.map { hiding(in: member.value, $0.shape) }
                    return JSONMember(key: member.key, value: value ?? member.value)
                })
        default: return value
        }
    }

    private func hiding(inAll value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(hiding(in: text))
        case .array(let values): .array(values.map(hiding(inAll:)))
        case .object(let members):
            .object(members.map { JSONMember(key: $0.key, value: hiding(inAll: $0.value)) })
        case .null, .bool, .integer, .number: value
        }
    }

    /// Returns a finished run without the secrets. A run that cannot be written is returned without
    /// the texts that a service may have a part in.
    package func hiding(in run: RunReport) -> RunReport {
        guard !isEmpty else { return run }
        if let value = try? ReportFormat.encoded(run, as: ReportFormat.run).value,
            let open = try? JSONCoding.decode(
                RunReport.self, from: hiding(in: value, as: ReportFormat.run))
        {
            return open
        }
        var bare = run
        bare.state(Judgement())
        (bare.responder, bare.responders) = (nil, [])
        return bare
    }

    /// Returns a judgement without the secrets.
    func hiding(in judgement: Judgement) -> Judgement {
        Judgement(
            causes: judgement.causes.map {
                Cause($0.verdict, hiding(in: $0.sentence), isOwnFault: $0.isOwnFault)
            },
            notices: judgement.notices.map { hiding(in: $0) })
    }

    private static func replace(_ form: [UInt8], in bytes: inout [UInt8]) -> Bool {
        guard bytes.count >= form.count else { return false }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == form[0], bytes[index...].starts(with: form) {
                result += mark.utf8
                index += form.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        defer { bytes = result }
        return result != bytes
    }

    private static func cutEnds(_ form: [UInt8], of bytes: inout [UInt8]) -> Bool {
        let lengths = (partBytesMin..<max(partBytesMin, form.count)).reversed()
        let tail = lengths.first { bytes.count >= $0 && bytes.suffix($0) == form.prefix($0) }
        if let tail { bytes.replaceSubrange((bytes.count - tail)..., with: mark.utf8) }
        let head = lengths.first { bytes.count >= $0 && bytes.prefix($0) == form.suffix($0) }
        if let head { bytes.replaceSubrange(..<head, with: mark.utf8) }
        return tail != nil || head != nil
    }
}
