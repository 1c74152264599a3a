import Foundation

/// Width of a test's sweep over seeds: what the continuous integration affords, or what
/// `./lab test --all` asks for.
public enum Sweep {
    /// Whether `./lab test --all` runs the tests: it sets `UDPLAB_TEST_ALL`.
    public static var isWide: Bool {
        ProcessInfo.processInfo.environment["UDPLAB_TEST_ALL"] != nil
    }

    /// Number of seeds that a sweep takes.
    public static func seeds(_ usual: Int, wide: Int) -> Int {
        isWide ? wide : usual
    }
}
