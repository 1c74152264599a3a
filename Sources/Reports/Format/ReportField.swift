/// A key of an object in the report: the source of the schema, of the README's tables and of the
/// check of a report before it is written.
package struct ReportField: Sendable {
    package let key: String
    package let shape: ReportShape
    package let unit: ReportUnit?
    /// The RFC section, man page or design section that defines the field.
    package let source: String?
    package let meaning: String
    /// The condition for the value `null`; nil for a field that always has a value.
    package private(set) var absence: String?
    /// Whether the field is a part of the setup, and no figure of what happened.
    package private(set) var isSetting = false

    private init(
        _ key: String, _ shape: ReportShape, _ unit: ReportUnit?, _ meaning: String,
        _ source: String?
    ) {
        self.key = key
        self.shape = shape
        self.unit = unit
        self.meaning = meaning
        self.source = source
    }

    /// Returns the same field, `null` under the given condition: "without losses".
    func null(_ absence: String) -> ReportField {
        var field = self
        field.absence = absence
        return field
    }

    /// The same field as a part of the setup.
    var setting: ReportField {
        var field = self
        field.isSetting = true
        return field
    }
}

/// The shape of a field's value.
package indirect enum ReportShape: Sendable {
    case integer(minimum: Int?)
    case number(minimum: Double?)
    case boolean
    case text
    case time
    case word([String])
    case constant(Int)
    case object(ReportObject)
    case list(ReportShape)
    /// Counts by name.
    case counts
    /// An object without a fixed set of keys; its keys, or the last steps of the paths that they
    /// are, start with the prefix.
    case free(keyPrefix: String)
}

/// An object of the report with its keys in order.
package struct ReportObject: Sendable {
    /// The object's name in the schema's definitions and the README's headings.
    package let name: String
    package let meaning: String
    package let fields: [ReportField]

    init(_ name: String, _ meaning: String, _ fields: [ReportField]) {
        self.name = name
        self.meaning = meaning
        self.fields = fields
    }
}

extension ReportField {
    static func count(
        _ key: String, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .integer(minimum: 0), .count, meaning, source)
    }

    /// Returns a field for the mean of counts, or another number without a unit that need not be
    /// whole.
    static func number(
        _ key: String, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .number(minimum: 0), nil, meaning, source)
    }

    static func integer(
        _ key: String, _ unit: ReportUnit?, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .integer(minimum: 0), unit, meaning, source)
    }

    static func ratio(
        _ key: String, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .number(minimum: 0), .ratio, meaning, source)
    }

    static func measure(
        _ key: String, _ unit: ReportUnit?, _ meaning: String, _ source: String? = nil,
        minimum: Double? = 0
    ) -> ReportField {
        ReportField(key, .number(minimum: minimum), unit, meaning, source)
    }

    static func signed(
        _ key: String, _ unit: ReportUnit, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .integer(minimum: nil), unit, meaning, source)
    }

    /// Returns a field for several numbers in a defined order.
    static func measures(
        _ key: String, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .list(.number(minimum: nil)), nil, meaning, source)
    }

    static func flag(_ key: String, _ meaning: String, _ source: String? = nil) -> ReportField {
        ReportField(key, .boolean, nil, meaning, source)
    }

    static func text(_ key: String, _ meaning: String, _ source: String? = nil) -> ReportField {
        ReportField(key, .text, nil, meaning, source)
    }

    static func texts(_ key: String, _ meaning: String, _ source: String? = nil) -> ReportField {
        ReportField(key, .list(.text), nil, meaning, source)
    }

    static func time(_ key: String, _ meaning: String) -> ReportField {
        ReportField(key, .time, nil, meaning, "RFC 3339")
    }

    static func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, _ words: Word.Type, _ meaning: String, _ source: String? = nil
    ) -> ReportField where Word.RawValue == String {
        ReportField(key, .word(words.allCases.map(\.rawValue)), nil, meaning, source)
    }

    static func constant(_ key: String, _ value: Int, _ meaning: String) -> ReportField {
        ReportField(key, .constant(value), nil, meaning, nil)
    }

    static func object(
        _ key: String, _ object: ReportObject, _ meaning: String, _ source: String? = nil,
        unit: ReportUnit? = nil
    ) -> ReportField {
        ReportField(key, .object(object), unit, meaning, source)
    }

    static func list(
        _ key: String, _ object: ReportObject, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .list(.object(object)), nil, meaning, source)
    }

    static func counts(_ key: String, _ meaning: String, _ source: String? = nil) -> ReportField {
        ReportField(key, .counts, .count, meaning, source)
    }

    static func histogram(
        _ key: String, _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .list(.integer(minimum: 0)), .count, meaning, source)
    }

    static func times(_ key: String, _ meaning: String) -> ReportField {
        ReportField(key, .list(.integer(minimum: nil)), .nanoseconds, meaning, nil)
    }

    static func free(
        _ key: String, keyPrefix: String = "", _ meaning: String, _ source: String? = nil
    ) -> ReportField {
        ReportField(key, .free(keyPrefix: keyPrefix), nil, meaning, source)
    }
}
