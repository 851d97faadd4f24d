#pragma once

namespace ecloud::devnet {

/// The program ecloud-devnet: runs a devnet until SIGTERM or SIGINT. Gives the exit code.
int main(int argc, char** argv);

}  // namespace ecloud::devnet
