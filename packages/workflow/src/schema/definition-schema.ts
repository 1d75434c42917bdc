export const definitionSchema = {};
