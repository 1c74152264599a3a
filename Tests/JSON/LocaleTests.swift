import Glibc
import Testing

@testable import JSON

/// A locale with a decimal comma. It is written by hand, because few machines have one installed.
private enum DecimalCommaLocale {
    private struct Unavailable: Error {}

    /// The locale holds during `body`, for the calling thread only.
    static func use(_ body: () throws -> Void) throws {
        var template = Array("/tmp/udplab-locale-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Unavailable() }
        let folder = String(cString: made)
        let path = folder + "/LC_NUMERIC"
        defer {
            unlink(path)
            rmdir(folder)
        }
        guard let file = fopen(path, "w") else { throw Unavailable() }
        let written = fwrite(numericCategory, 1, numericCategory.count, file)
        guard fclose(file) == 0, written == numericCategory.count else { throw Unavailable() }
        // glibc looks for the folder `LOCPATH/NAME`; without the variable, in the system's only.
        setenv("LOCPATH", "/tmp", 1)
        defer { unsetenv("LOCPATH") }
        let name = String(folder.dropFirst("/tmp/".count))
        guard let locale = newlocale(1 << LC_NUMERIC, name, nil) else { throw Unavailable() }
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            freelocale(locale)
        }
        try body()
    }

    /// glibc's file of the category LC_NUMERIC (locale/localeinfo.h):
    ///
    ///      0        4         8              32
    ///     +--------+---------+--------------+---------------------------------+
    ///     | magic  | count 6 | 6 offsets    | the six fields                  |
    ///     +--------+---------+--------------+---------------------------------+
    private static var numericCategory: [UInt8] {
        let fields: [[UInt8]] = [
            Array(",\0".utf8), Array(".\0".utf8), [3, 3, 0, 0], word(0x2C), word(0x2E),
            Array("UTF-8\0".utf8),
        ]
        var offsets: [UInt8] = []
        var data: [UInt8] = []
        for field in fields {
            while data.count % 4 != 0 { data.append(0) }
            offsets += word(UInt32(32 + data.count))
            data += field
        }
        return word(0x2003_1115 ^ UInt32(LC_NUMERIC)) + word(UInt32(fields.count)) + offsets + data
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}

@Suite struct LocaleTests {
    @Test("L20 a decimal comma in the locale changes neither reading nor writing")
    func l20() throws {
        let text = #"{"a":1.5,"b":[0.001,1e-05,-2.25e+30]}"#
        let expected = try parse(text)
        try DecimalCommaLocale.use {
            #expect(strtod("1,5", nil) == 1.5, "the locale is in force")
            #expect(strtod("1.5", nil) == 1, "the locale is in force")

            let value = try parse(text)
            #expect(value == expected)
            #expect(value["a"] == .number(1.5))
            #expect(try value.text() == text)
            #expect(try parse("[1,5]") == .array([.integer(1), .integer(5)]))
        }
    }
}
