#include "ecloud/cli/program.h"

int main(int argc, char** argv) {
  return ecloud::cli::main(argc, argv);
}
