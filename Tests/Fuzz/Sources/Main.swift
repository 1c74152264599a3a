import Glibc

/// Entry points that libFuzzer calls; its runtime brings `main`.
///
/// The option `--target=NAME` says which target is fuzzed: libFuzzer leaves options that begin with
/// two dashes to the program.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> CInt {
    let options = (1..<Int(count.pointee)).map { String(cString: arguments.pointee[$0]) }
    let name = options.first { $0.hasPrefix("--target=") }?.dropFirst("--target=".count)
    guard let target = FuzzTarget.all.first(where: { $0.name == name ?? "" }) else {
        // `--target=` alone lists them, for ./lab fuzz.
        for target in FuzzTarget.all { print(target.name) }
        exit(name == "" ? 0 : 64)
    }
    FuzzTarget.chosen = target
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let findings = Findings()
    FuzzTarget.chosen.test(Array(UnsafeBufferPointer(start: octets, count: count)), findings)
    guard !findings.sentences.isEmpty else { return 0 }
    for sentence in findings.sentences { print("udplab-fuzz: \(sentence)") }
    fflush(nil)
    // So that libFuzzer keeps the input.
    abort()
}
