import JSON
import Testing

@testable import Lab

@Suite struct LineAssemblerTests {
    private func take(_ text: String, _ assembler: inout LineAssembler) -> [String]? {
        let outcome = Array(text.utf8).withUnsafeBytes { assembler.take($0) }
        guard case .lines(let lines) = outcome else { return nil }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func linesAreCutWhereverTheChunksEnd() {
        let text = "one\ntwo\n\nthree\n"
        for size in 1...text.utf8.count {
            var assembler = LineAssembler(limitBytes: 10)
            var lines: [String] = []
            var rest = Substring(text)
            while !rest.isEmpty {
                lines += take(String(rest.prefix(size)), &assembler) ?? []
                rest = rest.dropFirst(size)
            }
            #expect(lines == ["one", "two", "", "three"])
            #expect(assembler.pendingBytes == 0)
        }
    }

    @Test func theLimitIsExact() {
        var whole = LineAssembler(limitBytes: 4)
        #expect(take("1234\n1234", &whole) == ["1234"])
        #expect(take("\n", &whole) == ["1234"])
        #expect(take("12345", &whole) == nil)
        var split = LineAssembler(limitBytes: 4)
        #expect(take("123", &split) == [])
        #expect(take("45\n", &split) == nil)
    }
}

@Suite struct DiagnosticTailTests {
    @Test func longLinesAreCutAndOldOnesDropped() {
        var limits = WorkerLimits()
        limits.diagnosticLineBytes = 3
        limits.diagnosticLinesKept = 2
        var tail = DiagnosticTail(limits: limits)
        let lines = Array("abcdef\nb\nc\nd".utf8).withUnsafeBytes { tail.take($0) }
        #expect(lines == ["abc …", "b", "c"])
        #expect(tail.finish() == "d")
        #expect(tail.finish() == nil)
        #expect(tail.lines == ["c", "d"])
        #expect(tail.count == 4)
    }
}

@Suite struct PromiseTests {
    @Test func theFirstValueCounts() async {
        let promise = Promise<Int>()
        async let early = promise.value()
        promise.fulfil(1)
        promise.fulfil(2)
        #expect(await early == 1)
        #expect(await promise.value() == 1)
    }

    @Test func waitingEndsWithTheWaitingTask() async {
        let promise = Promise<Int>()
        let task = Task { await promise.value() }
        task.cancel()
        #expect(await task.value == nil)
        promise.fulfil(3)
        #expect(await promise.value() == 3)
    }

    @Test func aDeadlineGivesUpAndAValueInTimeIsKept() async {
        let promise = Promise<Int>()
        #expect(
            await withDeadline(.milliseconds(1), on: LinuxHost()) { await promise.value() } == nil)
        promise.fulfil(4)
        #expect(await withDeadline(patience, on: LinuxHost()) { await promise.value() } == 4)
    }
}

@Suite struct MessageInboxTests {
    private func name(_ taken: MessageInbox.Taken?) -> String? {
        guard case .message(let message)? = taken else { return nil }
        return message.name
    }

    @Test func orderIsKeptAndTheEndComesAfterTheLastMessage() async {
        let inbox = MessageInbox(capacity: 2)
        #expect(inbox.offer(WorkerMessage("a")))
        #expect(inbox.offer(WorkerMessage("b")))
        #expect(!inbox.offer(WorkerMessage("c")))
        inbox.close()
        #expect(name(await inbox.next()) == "a")
        #expect(name(await inbox.next()) == "b")
        guard case .closed? = await inbox.next() else {
            Issue.record("the inbox has no end")
            return
        }
    }

    @Test func aCancelledWaitTakesNothing() async {
        let inbox = MessageInbox(capacity: 2)
        let task = Task { await inbox.next() }
        task.cancel()
        _ = await task.value
        #expect(inbox.offer(WorkerMessage("a")))
        #expect(name(await inbox.next()) == "a")
    }
}

@Suite struct ProcessFactsTests {
    @Test func processorTimeIsReadBehindAnyName() {
        let fields = "S 1 1 1 0 -1 4194560 1 2 3 4 250 50 7 3 20 0 1 0"
        #expect(ProcessFacts.cpuTicks(inStat: "12 (cat) " + fields) == 310)
        #expect(ProcessFacts.cpuTicks(inStat: "12 (a ) S 9 (b)) " + fields) == 310)
        #expect(ProcessFacts.cpuTicks(inStat: "") == nil)
        #expect(ProcessFacts.cpuTicks(inStat: "12 (cat) S 1") == nil)
    }
}
