/** The questions. Each has one right answer and three wrong ones; the game shuffles them. Replace them with your own. */
export const QUESTIONS = [
  { ask: "Which planet is the largest?", right: "Jupiter", wrong: ["Saturn", "Neptune", "Earth"] },
  { ask: "How many legs does a spider have?", right: "8", wrong: ["6", "10", "12"] },
  { ask: "What do bees make?", right: "Honey", wrong: ["Silk", "Jam", "Pearls"] },
  { ask: "Which of these is not a fruit?", right: "Potato", wrong: ["Tomato", "Cucumber", "Pumpkin"] },
  { ask: "Where do penguins live in the wild?", right: "Antarctica", wrong: ["The Arctic", "Alaska", "Greenland"] },
  { ask: "How many strings does a violin have?", right: "4", wrong: ["3", "5", "6"] },
  { ask: "Which animal sleeps standing up?", right: "Horse", wrong: ["Dog", "Squirrel", "Bear"] },
  { ask: "Which ocean is the largest?", right: "Pacific", wrong: ["Atlantic", "Indian", "Arctic"] },
  { ask: "What is frozen water called?", right: "Ice", wrong: ["Steam", "Fog", "Glass"] },
  { ask: "Who painted the Mona Lisa?", right: "Leonardo da Vinci", wrong: ["Van Gogh", "Picasso", "Monet"] },
  { ask: "How many minutes are three hours?", right: "180", wrong: ["120", "300", "90"] },
  { ask: "Which metal is liquid at room temperature?", right: "Mercury", wrong: ["Tin", "Silver", "Lead"] },
  { ask: "What is a baby kangaroo called?", right: "Joey", wrong: ["Cub", "Kid", "Pup"] },
  { ask: "Which piece may jump over others in chess?", right: "Knight", wrong: ["Bishop", "Rook", "Queen"] },
  { ask: "Which bird cannot fly?", right: "Ostrich", wrong: ["Swan", "Eagle", "Parrot"] },
  { ask: "Which colour do blue and yellow make?", right: "Green", wrong: ["Orange", "Purple", "Brown"] },
];
