import Subprocess
func x() async throws { _ = try await Subprocess.run(.name("true"), output: .discarded) }
