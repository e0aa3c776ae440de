/* The walks of src/kernels in C: what the machine can do with the slots of a .nut file, as a reference for our own kernels.
 *
 *     gcc -O3 -march=native -ffp-contract=off -o forest forest.c -lm && ./forest FILE
 *
 * FILE is written by bench/peers/native.ts. Commands come on standard input, one a line; each is answered by a line:
 *
 *     answer ALGORITHM PATH                   writes the raw scores of all rows to PATH (float64), answers "ok"
 *     time ALGORITHM ROWS CALLS FIRST         answers the nanoseconds that CALLS batches of ROWS rows took
 *
 * ALGORITHM is "exit": eight walks in lock step that end when all have arrived, on the slots as they are stored; or "steps":
 * leaves changed to lead to themselves, and as many steps as the tree is deep, without a look at who has arrived. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 8, SMALL_BLOCK = 256, LARGE_BLOCK = 4096, SMALL_FOREST = 100000 };

typedef struct {
  float threshold;
  uint32_t word;
} Slot;

typedef struct {
  uint32_t magic, features, feature_bits, slots, trees, leaf_columns, vectors, outputs, mean, rows, classes, unused[5];
} Header;

static Header h;
static Slot *slots;          /* as stored */
static Slot *looping;        /* leaves lead to themselves */
static uint32_t *leaf_index; /* of each looping slot's leaf: its vector, or its slot */
static uint32_t *starts, *depths;
static double *weights, *base, *leaves;
static float *rows;          /* padded to `stride` cells */
static uint32_t stride, mask, shift;

static void *read_array(FILE *file, size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (memory == NULL || fread(memory, 1, bytes, file) != bytes) {
    fprintf(stderr, "the file is too short\n");
    exit(1);
  }
  return memory;
}

static void open_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fread(&h, sizeof h, 1, file) != 1 || h.magic != 0x7473666e) {
    fprintf(stderr, "not a forest: %s\n", path);
    exit(1);
  }
  weights = read_array(file, h.trees * sizeof *weights);
  base = read_array(file, h.outputs * sizeof *base);
  leaves = read_array(file, (size_t)h.vectors * h.leaf_columns * sizeof *leaves);
  slots = read_array(file, (size_t)h.slots * sizeof *slots);
  starts = read_array(file, (h.trees + 1) * sizeof *starts);
  depths = read_array(file, h.trees * sizeof *depths);
  float *packed = read_array(file, (size_t)h.rows * h.features * sizeof *packed);
  fclose(file);
  mask = (1u << h.feature_bits) - 1;
  shift = 4 + h.feature_bits;
  /* The word of a leaf may name any feature; what is read there is not used. */
  stride = mask + 1;
  rows = calloc((size_t)h.rows * stride, sizeof *rows);
  for (uint32_t row = 0; row < h.rows; row++)
    memcpy(rows + (size_t)row * stride, packed + (size_t)row * h.features, h.features * sizeof *rows);
  free(packed);
}

/* Marks leaves from their parents: children come after them. */
static void make_looping(void) {
  looping = malloc((size_t)h.slots * sizeof *looping);
  leaf_index = calloc(h.slots, sizeof *leaf_index);
  uint8_t *leaf = calloc(h.slots, 1);
  memcpy(looping, slots, (size_t)h.slots * sizeof *looping);
  for (uint32_t t = 0; t < h.trees; t++) {
    uint32_t root = starts[t];
    if (starts[t + 1] - root == 1) leaf[root] = 1;
    for (uint32_t i = root; i < starts[t + 1]; i++) {
      uint32_t word = slots[i].word;
      if (leaf[i]) {
        memcpy(&leaf_index[i], &slots[i].threshold, sizeof *leaf_index);
        if (h.leaf_columns == 1) leaf_index[i] = i;
        looping[i] = (Slot){NAN, (i - root) << shift};
        continue;
      }
      leaf[root + (word >> shift)] = (word >> 1) & 1;
      leaf[root + (word >> shift) + 1] = (word >> 2) & 1;
    }
  }
  free(leaf);
}

/* Eight walks, each on a tree and a row of its own, until all have arrived. */
static inline void walk_exit(const Slot *const tree[LANES], const float *const x[LANES], uint32_t at[LANES]) {
  uint32_t arrived[LANES] = {0};
  uint32_t all;
  for (int l = 0; l < LANES; l++) at[l] = 0;
  do {
    all = 1;
    for (int l = 0; l < LANES; l++) {
      Slot slot = tree[l][at[l]];
      uint32_t right = x[l][(slot.word >> 4) & mask] > slot.threshold;
      uint32_t next = (slot.word >> shift) + right;
      at[l] = arrived[l] ? at[l] : next;
      arrived[l] |= (slot.word >> (1 + right)) & 1;
      all &= arrived[l];
    }
  } while (!all);
}

static inline void walk_steps(const Slot *const tree[LANES], const float *const x[LANES], uint32_t at[LANES], uint32_t steps) {
  for (int l = 0; l < LANES; l++) at[l] = 0;
  for (uint32_t step = 0; step < steps; step++)
    for (int l = 0; l < LANES; l++) {
      Slot slot = tree[l][at[l]];
      at[l] = (slot.word >> shift) + (x[l][(slot.word >> 4) & mask] > slot.threshold);
    }
}

static inline void add_leaf(int steps, uint32_t t, uint32_t slot, double *out) {
  double weight = weights[t];
  if (h.leaf_columns == 1) {
    double value;
    memcpy(&value, &slots[slot], sizeof value);
    *out += weight * value;
    return;
  }
  uint32_t vector;
  if (steps) vector = leaf_index[slot];
  else memcpy(&vector, &slots[slot].threshold, sizeof vector);
  const double *leaf = leaves + (size_t)vector * h.leaf_columns;
  for (uint32_t c = 0; c < h.leaf_columns; c++) out[c] += weight * leaf[c];
}

static inline void walk(int steps, const Slot *const tree[LANES], const float *const x[LANES], uint32_t at[LANES], uint32_t depth) {
  if (depth == 0) memset(at, 0, LANES * sizeof *at);
  else if (steps) walk_steps(tree, x, at, depth);
  else walk_exit(tree, x, at);
}

static inline void score_one(int steps, const float *row, double *out) {
  const Slot *nodes = steps ? looping : slots;
  for (uint32_t t = 0; t < h.trees; t += LANES) {
    const Slot *tree[LANES];
    const float *x[LANES];
    uint32_t at[LANES], depth = 0;
    int single = 0;
    for (uint32_t l = 0; l < LANES; l++) {
      uint32_t of = t + l < h.trees ? t + l : t;
      tree[l] = nodes + starts[of];
      x[l] = row;
      depth = depths[of] > depth ? depths[of] : depth;
      single |= depths[of] == 0;
    }
    /* A tree of a leaf only has no first step to take. */
    if (single && !steps) {
      for (uint32_t l = 0; l < LANES && t + l < h.trees; l++) {
        const Slot *same[LANES];
        for (int k = 0; k < LANES; k++) same[k] = tree[l];
        walk(0, same, x, at, depths[t + l]);
        add_leaf(0, t + l, starts[t + l] + at[0], out);
      }
      continue;
    }
    walk(steps, tree, x, at, depth);
    for (uint32_t l = 0; l < LANES && t + l < h.trees; l++) add_leaf(steps, t + l, starts[t + l] + at[l], out);
  }
}

static inline void score_block(int steps, const float *first, uint32_t count, double *out) {
  const Slot *nodes = steps ? looping : slots;
  for (uint32_t t = 0; t < h.trees; t++) {
    const Slot *tree[LANES];
    for (int l = 0; l < LANES; l++) tree[l] = nodes + starts[t];
    for (uint32_t row = 0; row < count; row += LANES) {
      const float *x[LANES];
      uint32_t at[LANES];
      uint32_t lanes = count - row < LANES ? count - row : LANES;
      for (uint32_t l = 0; l < LANES; l++) x[l] = first + (size_t)(row + (l < lanes ? l : 0)) * stride;
      walk(steps, tree, x, at, depths[t]);
      for (uint32_t l = 0; l < lanes; l++) add_leaf(steps, t, starts[t] + at[l], out + (size_t)(row + l) * h.outputs);
    }
  }
}

/* Scores of rows [first, first + count), and what predict makes of them. */
static inline void predict(int steps, uint32_t first, uint32_t count, double *scores, double *predicted) {
  for (size_t i = 0; i < (size_t)count * h.outputs; i++) scores[i] = base[i % h.outputs];
  uint32_t block = h.slots < SMALL_FOREST ? SMALL_BLOCK : LARGE_BLOCK;
  if (count <= 2)
    for (uint32_t row = 0; row < count; row++)
      score_one(steps, rows + (size_t)(first + row) * stride, scores + (size_t)row * h.outputs);
  else
    for (uint32_t row = 0; row < count; row += block)
      score_block(steps, rows + (size_t)(first + row) * stride, count - row < block ? count - row : block,
                  scores + (size_t)row * h.outputs);
  if (h.mean)
    for (size_t i = 0; i < (size_t)count * h.outputs; i++) scores[i] /= h.trees;
  for (uint32_t row = 0; row < count; row++) {
    const double *score = scores + (size_t)row * h.outputs;
    uint32_t best = 0;
    for (uint32_t c = 1; c < h.outputs; c++) best = score[c] > score[best] ? c : best;
    predicted[row] = h.classes > 0 ? best : score[0];
  }
}

/* Each algorithm gets code of its own. */
static void predict_exit(uint32_t first, uint32_t count, double *scores, double *predicted) {
  predict(0, first, count, scores, predicted);
}
static void predict_steps(uint32_t first, uint32_t count, double *scores, double *predicted) {
  predict(1, first, count, scores, predicted);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: forest FILE\n");
    return 2;
  }
  open_file(arguments[1]);
  make_looping();
  double *scores = malloc((size_t)h.rows * h.outputs * sizeof *scores);
  double *predicted = malloc(h.rows * sizeof *predicted);
  char line[4096], algorithm[16], path[4000];
  double checksum = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    uint32_t size, calls, first;
    if (sscanf(line, "answer %15s %3999[^\n]", algorithm, path) == 2) {
      void (*run)(uint32_t, uint32_t, double *, double *) = strcmp(algorithm, "steps") == 0 ? predict_steps : predict_exit;
      run(0, h.rows, scores, predicted);
      /* Rows one at a time must say the same. */
      double *alone = malloc(h.outputs * sizeof *alone), one;
      for (uint32_t row = 0; row < h.rows; row++) {
        run(row, 1, alone, &one);
        if (one != predicted[row] || memcmp(alone, scores + (size_t)row * h.outputs, h.outputs * sizeof *alone) != 0) {
          printf("row %u differs alone\n", row);
          fflush(stdout);
          return 1;
        }
      }
      free(alone);
      FILE *out = fopen(path, "wb");
      fwrite(scores, sizeof *scores, (size_t)h.rows * h.outputs, out);
      fclose(out);
      printf("ok\n");
    } else if (sscanf(line, "time %15s %u %u %u", algorithm, &size, &calls, &first) == 4) {
      void (*run)(uint32_t, uint32_t, double *, double *) = strcmp(algorithm, "steps") == 0 ? predict_steps : predict_exit;
      uint32_t batches = h.rows / size;
      struct timespec begun, ended;
      clock_gettime(CLOCK_MONOTONIC, &begun);
      for (uint32_t i = 0, at = first % batches; i < calls; i++) {
        run(at * size, size, scores, predicted);
        checksum += predicted[size - 1];
        at = at + 1 == batches ? 0 : at + 1;
      }
      clock_gettime(CLOCK_MONOTONIC, &ended);
      double nanoseconds = (ended.tv_sec - begun.tv_sec) * 1e9 + (ended.tv_nsec - begun.tv_nsec);
      /* The sum keeps the predictions from being left out as unused. */
      printf("%.0f %g\n", nanoseconds, checksum);
    } else
      printf("what is that?\n");
    fflush(stdout);
  }
  return 0;
}
