#include "program.h"

int main(int argc, char** argv) {
  return ecloud::devnet::main(argc, argv);
}
