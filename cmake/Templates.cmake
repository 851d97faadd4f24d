# The example projects that `ecloud compute app create` writes out, compiled into the program.
set(template_files
  golang/.dockerignore golang/.env.example golang/.gitignore golang/Dockerfile golang/README.md
  golang/ecloud.yaml golang/go.mod golang/main.go
  python/.dockerignore python/.env.example python/.gitignore python/Dockerfile python/README.md
  python/ecloud.yaml python/main.py
  rust/.dockerignore rust/.env.example rust/.gitignore rust/Cargo.lock rust/Cargo.toml
  rust/Dockerfile rust/README.md rust/ecloud.yaml rust/src/main.rs
  typescript/.dockerignore typescript/.env.example typescript/.gitignore typescript/Dockerfile
  typescript/README.md typescript/ecloud.yaml typescript/package-lock.json typescript/package.json
  typescript/src/main.ts typescript/tsconfig.json)

set(template_source ${PROJECT_BINARY_DIR}/generated/cli/template_files.cc)
list(TRANSFORM template_files PREPEND ${PROJECT_SOURCE_DIR}/examples/ OUTPUT_VARIABLE template_paths)
add_custom_command(
  OUTPUT ${template_source}
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${PROJECT_SOURCE_DIR}/examples "-DFILES=${template_files}"
          -DOUTPUT=${template_source} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
  DEPENDS ${template_paths} ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
  VERBATIM)
target_sources(ecloud_cli PRIVATE ${template_source})
