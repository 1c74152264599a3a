import JSON

/// A number that the format does not allow at its place, and that was left out.
package struct Omission: Sendable, Equatable {
    /// The path from the document: `$.runs[0].streams[0].loss.ratio`.
    package let path: String
    /// The number found: `nan`, `-3`.
    package let found: String
    /// The values allowed: `a number ≥ 0`.
    package let allowed: String
    /// Whether the number found is below zero where only others are allowed.
    package let isBelowZero: Bool

    package var sentence: String { "\(path) is left out: it is \(found) and not \(allowed)" }
}

extension RunReport {
    /// Returns the run as the report will contain it, for the judges of the run.
    ///
    /// - Throws: `unwritable`, for values other than numbers.
    package func written() throws(JSONError) -> (value: JSONValue, omissions: [Omission]) {
        try ReportFormat.encoded(self, as: ReportFormat.run)
    }
}

extension ReportFormat {
    /// Returns the document as JSON of its format. A number that JSON or the format cannot hold
    /// becomes `null`.
    ///
    /// - Throws: `unwritable`, for values other than numbers.
    static func encoded(
        _ document: some Encodable, as object: ReportObject
    ) throws(JSONError) -> (value: JSONValue, omissions: [Omission]) {
        let (value, unwritable) = try JSONCoding.encodeWritable(document)
        var omissions = unwritable.map {
            Omission(
                path: $0.path, found: $0.text, allowed: "a number that JSON can hold",
                isBelowZero: false)
        }
        let repaired = repaired(value, as: .object(object), at: "$", &omissions)
        return (repaired, omissions)
    }

    /// Returns the value without the numbers that its shape does not allow.
    private static func repaired(
        _ value: JSONValue, as shape: ReportShape, at path: String, _ omissions: inout [Omission]
    ) -> JSONValue {
        switch (shape, value) {
        case (.object(let object), .object(let members)):
            return .object(
                members.map { member in
                    guard let field = object.fields.first(where: { $0.key == member.key }) else {
                        return member
                    }
                    let value = repaired(
                        member.value, as: field.shape, at: "\(path).\(member.key)", &omissions)
                    return JSONMember(key: member.key, value: value)
                })
        case (.list(let element), .array(let values)):
            return .array(
                values.enumerated().map { index, value in
                    repaired(value, as: element, at: "\(path)[\(index)]", &omissions)
                })
        case (.counts, .object(let members)):
            return .object(
                members.map { member in
                    let value = repaired(
                        member.value, as: .integer(minimum: 0), at: "\(path).\(member.key)",
                        &omissions)
                    return JSONMember(key: member.key, value: value)
                })
        case (_, .integer(let number)) where shape.isNumber && !shape.holds(value):
            omissions.append(
                Omission(
                    path: path, found: "\(number)", allowed: shape.words, isBelowZero: number < 0))
            return .null
        case (_, .number(let number)) where shape.isNumber && !shape.holds(value):
            omissions.append(
                Omission(
                    path: path, found: "\(number)", allowed: shape.words, isBelowZero: number < 0))
            return .null
        default: return value
        }
    }
}
